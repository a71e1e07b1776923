package dev.impromptu.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An operation that knows its own gradient. */
public interface DifferentiableOp extends Op {
  /**
   * The gradients of the inputs.
   *
   * @return one entry an input, in order; null where none is wanted or the input has none
   */
  List<@Nullable Tensor> backward(Backward context);

  /** What a backward gets to work with. */
  final class Backward {
    private final List<Tensor> saved;
    private final List<@Nullable Tensor> outputGradients;
    private final boolean[] wanted;

    Backward(List<Tensor> saved, List<@Nullable Tensor> outputGradients, boolean[] wanted) {
      this.saved = saved;
      this.outputGradients = outputGradients;
      this.wanted = wanted;
    }

    /** What the forward saved. */
    public Tensor saved(int index) {
      return saved.get(index);
    }

    /** Whether the gradient of that input is asked for. */
    public boolean wants(int input) {
      return wanted[input];
    }

    /** The gradient of that output; null when nothing depends on it. */
    public @Nullable Tensor outputGradient(int output) {
      return outputGradients.get(output);
    }

    /** The gradient of an operation's only output, which is always there. */
    public Tensor outputGradient() {
      Tensor gradient = outputGradients.getFirst();
      if (gradient == null) {
        throw new IllegalStateException(
            "the first output has no gradient; ask for it by its index");
      }
      return gradient;
    }
  }
}
