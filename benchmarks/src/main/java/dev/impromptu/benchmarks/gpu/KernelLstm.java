package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Storage;
import dev.impromptu.tensor.Device;
import java.util.ArrayList;
import java.util.List;

/** The LSTM of one of Impromptu's backends. */
final class KernelLstm extends BackendVariant {
  private final LstmShape shape;
  private final List<Set> sets = new ArrayList<>();

  private record Set(
      Storage x,
      List<LstmWeights> weights,
      Storage y,
      LstmState last,
      Storage reserve,
      Storage dy,
      Storage dx,
      List<LstmWeights> gradients) {}

  KernelLstm(Device device, LstmShape shape, List<LstmInputs> inputs) {
    super(device);
    this.shape = shape;
    for (LstmInputs each : inputs) {
      int state = shape.batch() * shape.hiddenSize();
      int gates = 4 * shape.hiddenSize();
      sets.add(
          new Set(
              of(each.x()),
              List.of(
                  new LstmWeights(
                      of(each.inputWeight()),
                      of(each.hiddenWeight()),
                      of(each.inputBias()),
                      of(each.hiddenBias()))),
              empty(each.dy().length),
              new LstmState(empty(state), empty(state)),
              empty(backend().lstmReserve(shape)),
              of(each.dy()),
              empty(each.x().length),
              List.of(
                  new LstmWeights(
                      empty(gates * shape.inputSize()),
                      empty(gates * shape.hiddenSize()),
                      empty(gates),
                      empty(gates)))));
    }
  }

  @Override
  public List<Task> tasks() {
    return List.of(
        new Task("forward", sets.stream().<Runnable>map(set -> () -> forward(set)).toList()),
        new Task("forward+backward", sets.stream().<Runnable>map(set -> () -> both(set)).toList()));
  }

  private void both(Set set) {
    forward(set);
    backward(set);
  }

  private void forward(Set set) {
    backend().lstmForward(shape, set.x, set.weights, null, set.y, set.last, set.reserve);
  }

  private void backward(Set set) {
    backend()
        .lstmBackward(
            shape,
            set.x,
            set.weights,
            null,
            set.reserve,
            set.dy,
            null,
            set.dx,
            null,
            set.gradients);
  }

  @Override
  public List<Result> results() {
    Set set = sets.getFirst();
    both(set);
    LstmWeights gradient = set.gradients.getFirst();
    return List.of(
        result("y", set.y),
        result("h", set.last.hidden()),
        result("c", set.last.cell()),
        result("dx", set.dx),
        result("dW_ih", gradient.inputWeight()),
        result("dW_hh", gradient.hiddenWeight()),
        result("db_ih", gradient.inputBias()),
        result("db_hh", gradient.hiddenBias()));
  }
}
