package dev.impromptu.tensor;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One recorded operation: what went in, which of it was tracked then, what was saved and in which
 * version, and how many outputs there are.
 */
record Node(
    long order,
    DifferentiableOp op,
    List<Tensor> inputs,
    boolean[] tracked,
    List<Tensor> saved,
    int[] versions,
    int outputs) {
  private static final AtomicLong COUNTER = new AtomicLong();

  static Node record(DifferentiableOp op, List<Tensor> inputs, Op.Forward forward) {
    boolean[] tracked = new boolean[inputs.size()];
    for (int i = 0; i < tracked.length; i++) {
      tracked[i] = inputs.get(i).isTracked();
    }
    return new Node(
        COUNTER.incrementAndGet(),
        op,
        inputs,
        tracked,
        forward.saved(),
        versions(forward.saved()),
        forward.outputs().size());
  }

  private static int[] versions(List<Tensor> saved) {
    return saved.stream().mapToInt(tensor -> tensor.memory().version()).toArray();
  }

  /** Refuses to differentiate by values that are no longer there. */
  void requireUnchanged() {
    for (int i = 0; i < versions.length; i++) {
      if (saved.get(i).memory().version() != versions[i]) {
        throw new IllegalStateException(
            "%s: %s was changed in place, by an optimizer or by loading, after it was used; call"
                    .formatted(op.name(), saved.get(i).shape())
                + " backward before that");
      }
    }
  }
}
