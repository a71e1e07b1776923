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
    Set first = sets.getFirst();
    LstmWeights gradient = first.gradients.getFirst();
    var y = new Output("y", first.y);
    var hidden = new Output("h", first.last.hidden());
    var cell = new Output("c", first.last.cell());
    return List.of(
        new Task(
            "forward",
            sets.stream().<Runnable>map(set -> () -> forward(set)).toList(),
            check(y, hidden, cell)),
        new Task(
            "forward+backward",
            sets.stream().<Runnable>map(set -> () -> both(set)).toList(),
            check(
                y,
                hidden,
                cell,
                new Output("dx", first.dx),
                new Output("dW_ih", gradient.inputWeight()),
                new Output("dW_hh", gradient.hiddenWeight()),
                new Output("db_ih", gradient.inputBias()),
                new Output("db_hh", gradient.hiddenBias()))));
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
}
