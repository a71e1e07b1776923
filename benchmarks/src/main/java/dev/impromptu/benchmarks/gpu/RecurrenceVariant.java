package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.CudaRecurrence;
import dev.impromptu.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Our LSTM without its products with the input: forwards what follows them, backwards what leads to
 * the gradients of the gates' sums.
 *
 * <p>The forward replaces the product, which is there, by the activated gates. Timed again and
 * again it therefore reads what it wrote, which takes as long; its results are those of a product
 * that was just made.
 */
final class RecurrenceVariant extends BackendVariant {
  private final LstmShape shape;
  private final CudaRecurrence recurrence;
  private final List<Set> sets = new ArrayList<>();

  private record Set(
      Storage x,
      LstmWeights weights,
      Storage gates,
      Storage cells,
      Storage before,
      Storage y,
      LstmState last,
      Storage dy,
      Storage dGates) {}

  RecurrenceVariant(Device device, LstmShape shape, List<LstmInputs> inputs) {
    super(device);
    this.shape = shape;
    recurrence = new CudaRecurrence(backend(), shape);
    int state = shape.batch() * shape.hiddenSize();
    for (LstmInputs each : inputs) {
      int steps = each.dy().length;
      var set =
          new Set(
              of(each.x()),
              new LstmWeights(
                  of(each.inputWeight()),
                  of(each.hiddenWeight()),
                  of(each.inputBias()),
                  of(each.hiddenBias())),
              empty(4 * steps),
              empty(steps),
              empty(steps),
              empty(steps),
              new LstmState(empty(state), empty(state)),
              of(each.dy()),
              empty(4 * steps));
      multiply(set);
      sets.add(set);
    }
  }

  private void multiply(Set set) {
    int rows = shape.batch() * shape.time();
    backend()
        .matmul(
            new Matmul(1, rows, 4 * shape.hiddenSize(), shape.inputSize(), false, true),
            set.x,
            set.weights.inputWeight(),
            set.gates);
  }

  @Override
  public List<Task> tasks() {
    return List.of(
        new Task(
            "recurrence forward",
            sets.stream().<Runnable>map(set -> () -> forward(set)).toList(),
            withProduct(this::outputs)),
        new Task(
            "recurrence forward+backward",
            sets.stream().<Runnable>map(set -> () -> both(set)).toList(),
            withProduct(this::all)));
  }

  /** The product that the forward replaces is made again before each look. */
  private Check withProduct(BiFunction<Set, Runnable, List<Result>> check) {
    return call -> {
      multiply(sets.getFirst());
      return check.apply(sets.getFirst(), call);
    };
  }

  private List<Result> outputs(Set set, Runnable call) {
    return check(
            new Output("y", set.y),
            new Output("h", set.last.hidden()),
            new Output("c", set.last.cell()))
        .after(call);
  }

  private List<Result> all(Set set, Runnable call) {
    backend().fill(set.dGates, Double.NaN);
    List<Result> results = new ArrayList<>(outputs(set, call));
    results.add(result("db_ih", biasGradient(set)));
    return results;
  }

  private void forward(Set set) {
    recurrence.forward(set.weights, set.gates, set.cells, set.before, set.y, set.last);
  }

  private void both(Set set) {
    forward(set);
    recurrence.backward(set.weights, set.gates, set.cells, set.dy, set.dGates);
  }

  /** That of the gates' sums, over all steps of all sequences. */
  private Storage biasGradient(Set set) {
    int gates = 4 * shape.hiddenSize();
    Storage sums = empty(gates);
    backend()
        .reduce(
            ReduceOp.SUM, new Reduction(1, shape.batch() * shape.time(), gates), set.dGates, sums);
    return sums;
  }
}
