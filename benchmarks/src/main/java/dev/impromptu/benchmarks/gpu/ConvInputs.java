package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.ConvShape;
import java.util.ArrayList;
import java.util.List;

/** What one convolution is given, in Impromptu's layout: sequences, parameters, and gradients. */
record ConvInputs(float[] x, float[] weight, float[] bias, float[] dy) {
  static List<ConvInputs> sets(ConvShape shape, int count) {
    var inputs = new Inputs();
    List<ConvInputs> sets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sets.add(of(shape, inputs));
    }
    return sets;
  }

  private static ConvInputs of(ConvShape shape, Inputs inputs) {
    int steps = shape.batch() * shape.time();
    int terms = shape.inChannels() * shape.kernel();
    double bound = 1 / Math.sqrt(terms);
    return new ConvInputs(
        inputs.uniform(steps * shape.inChannels(), 1),
        inputs.uniform(shape.outChannels() * terms, bound),
        inputs.uniform(shape.outChannels(), bound),
        inputs.uniform(steps * shape.outChannels(), 1));
  }

  /** Of operands and results together. */
  static long bytes(ConvShape shape) {
    long steps = (long) shape.batch() * shape.time();
    long weights = (long) shape.outChannels() * shape.inChannels() * shape.kernel();
    return 2 * Float.BYTES * (steps * (shape.inChannels() + shape.outChannels()) + weights);
  }
}
