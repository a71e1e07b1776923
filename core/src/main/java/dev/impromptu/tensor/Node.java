package dev.impromptu.tensor;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** One recorded operation: what went in, what was saved, and how many outputs it had. */
record Node(long order, DifferentiableOp op, List<Tensor> inputs, List<Tensor> saved, int outputs) {
  private static final AtomicLong COUNTER = new AtomicLong();

  static Node record(DifferentiableOp op, List<Tensor> inputs, Op.Forward forward) {
    return new Node(
        COUNTER.incrementAndGet(), op, inputs, forward.saved(), forward.outputs().size());
  }
}
