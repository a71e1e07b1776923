package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.LstmShape;
import java.util.ArrayList;
import java.util.List;

/** What one layer is given: sequences, weights in PyTorch's layout, the gradient of its output. */
record LstmInputs(
    float[] x,
    float[] inputWeight,
    float[] hiddenWeight,
    float[] inputBias,
    float[] hiddenBias,
    float[] dy) {
  static LstmInputs of(LstmShape shape, Inputs inputs) {
    int steps = shape.batch() * shape.time();
    int gates = 4 * shape.hiddenSize();
    double bound = 1 / Math.sqrt(shape.hiddenSize());
    return new LstmInputs(
        inputs.uniform(steps * shape.inputSize(), 1),
        inputs.uniform(gates * shape.inputSize(), bound),
        inputs.uniform(gates * shape.hiddenSize(), bound),
        inputs.uniform(gates, bound),
        inputs.uniform(gates, bound),
        inputs.uniform(steps * shape.hiddenSize(), 1));
  }

  static List<LstmInputs> sets(LstmShape shape, int count) {
    var inputs = new Inputs();
    List<LstmInputs> sets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sets.add(of(shape, inputs));
    }
    return sets;
  }

  /** Of operands and results together, with what a forward keeps. */
  static long bytes(LstmShape shape) {
    long steps = (long) shape.batch() * shape.time();
    long weights = 4L * shape.hiddenSize() * (shape.inputSize() + shape.hiddenSize());
    return Float.BYTES * (2 * weights + steps * (2L * shape.inputSize() + 6L * shape.hiddenSize()));
  }
}
