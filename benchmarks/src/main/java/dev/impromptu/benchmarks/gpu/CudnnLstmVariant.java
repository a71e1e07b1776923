package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.CudnnLstm;
import dev.impromptu.cuda.driver.CudnnLstmAlgorithm;
import dev.impromptu.cuda.driver.DeviceSpan;
import dev.impromptu.cuda.driver.DriverContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** cuDNN's LSTM by one of its algorithms. */
final class CudnnLstmVariant extends CudnnVariant {
  private final CudnnLstm lstm;
  private final LstmShape shape;
  private final List<Set> sets = new ArrayList<>();
  private final CudnnLstm.Scratch inference;
  private final DeviceSpan trainingWork;

  private record Set(
      DeviceSpan x,
      DeviceSpan weights,
      DeviceSpan y,
      CudnnLstm.State last,
      DeviceSpan reserve,
      DeviceSpan dy,
      DeviceSpan dx,
      DeviceSpan gradients) {}

  /**
   * Prepares it.
   *
   * @throws dev.impromptu.cuda.driver.CudaException when the algorithm refuses shape or precision
   */
  CudnnLstmVariant(
      DriverContext context,
      Cudnn cudnn,
      LstmShape shape,
      Precision precision,
      CudnnLstmAlgorithm algorithm,
      List<LstmInputs> inputs) {
    super(context);
    this.shape = shape;
    lstm = new CudnnLstm(cudnn, shape, precision, algorithm);
    inference = new CudnnLstm.Scratch(bytes(lstm.workspaceBytes(false)), null);
    trainingWork = bytes(lstm.workspaceBytes(true));
    int state = shape.batch() * shape.hiddenSize();
    for (LstmInputs each : inputs) {
      DeviceSpan weights = bytes(lstm.weightBytes());
      sets.add(
          new Set(
              of(each.x()),
              weights,
              empty(each.dy().length),
              new CudnnLstm.State(empty(state), empty(state)),
              bytes(lstm.reserveBytes()),
              of(each.dy()),
              empty(each.x().length),
              bytes(lstm.weightBytes())));
      lstm.pack(
          List.of(
              new CudnnLstm.Layer(
                  of(each.inputWeight()),
                  of(each.hiddenWeight()),
                  of(each.inputBias()),
                  of(each.hiddenBias()))),
          weights);
    }
  }

  @Override
  public List<Task> tasks() {
    Set first = sets.getFirst();
    DeviceSpan hidden = Objects.requireNonNull(first.last.hidden());
    DeviceSpan cell = Objects.requireNonNull(first.last.cell());
    return List.of(
        new Task(
            "forward",
            sets.stream().<Runnable>map(set -> () -> infer(set)).toList(),
            check(() -> outputs(first), first.y, hidden, cell)),
        new Task(
            "forward+backward",
            sets.stream().<Runnable>map(set -> () -> train(set)).toList(),
            check(() -> all(first), first.y, hidden, cell, first.dx, first.gradients)));
  }

  /** What a forward without a backward needs: less than ours, which always keeps its gates. */
  private void infer(Set set) {
    lstm.forward(false, set.weights, set.x, CudnnLstm.State.NONE, set.y, set.last, inference);
  }

  private void train(Set set) {
    var scratch = new CudnnLstm.Scratch(trainingWork, set.reserve);
    lstm.forward(true, set.weights, set.x, CudnnLstm.State.NONE, set.y, set.last, scratch);
    lstm.backwardData(
        set.weights,
        set.y,
        set.dy,
        set.dx,
        CudnnLstm.State.NONE,
        CudnnLstm.State.NONE,
        CudnnLstm.State.NONE,
        scratch);
    lstm.backwardWeights(set.x, set.y, CudnnLstm.State.NONE, set.gradients, scratch);
  }

  private List<Result> outputs(Set set) {
    return List.of(
        new Result("y", host(set.y)),
        new Result("h", host(Objects.requireNonNull(set.last.hidden()))),
        new Result("c", host(Objects.requireNonNull(set.last.cell()))));
  }

  private List<Result> all(Set set) {
    int gates = 4 * shape.hiddenSize();
    var gradient =
        new CudnnLstm.Layer(
            empty(gates * shape.inputSize()),
            empty(gates * shape.hiddenSize()),
            empty(gates),
            empty(gates));
    lstm.unpack(set.gradients, List.of(gradient));
    List<Result> results = new ArrayList<>(outputs(set));
    results.add(new Result("dx", host(set.dx)));
    results.add(new Result("dW_ih", host(gradient.inputWeight())));
    results.add(new Result("dW_hh", host(gradient.hiddenWeight())));
    results.add(new Result("db_ih", host(gradient.inputBias())));
    results.add(new Result("db_hh", host(gradient.hiddenBias())));
    return results;
  }

  @Override
  void closeDescriptors() {
    lstm.close();
  }
}
