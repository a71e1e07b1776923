package dev.impromptu.tensor;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One recorded operation: what went in, which of it was tracked then, what was saved, and how many
 * outputs there are.
 */
record Node(
    long order,
    DifferentiableOp op,
    List<Tensor> inputs,
    boolean[] tracked,
    List<Tensor> saved,
    int outputs) {
  private static final AtomicLong COUNTER = new AtomicLong();

  static Node record(DifferentiableOp op, List<Tensor> inputs, Op.Forward forward) {
    boolean[] tracked = new boolean[inputs.size()];
    for (int i = 0; i < tracked.length; i++) {
      tracked[i] = inputs.get(i).isTracked();
    }
    return new Node(
        COUNTER.incrementAndGet(), op, inputs, tracked, forward.saved(), forward.outputs().size());
  }
}
