package dev.impromptu.tensor;

import java.util.List;
import java.util.function.IntFunction;
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
    private final IntFunction<@Nullable Tensor> known;

    Backward(
        List<Tensor> saved,
        List<@Nullable Tensor> outputGradients,
        boolean[] wanted,
        IntFunction<@Nullable Tensor> known) {
      this.saved = saved;
      this.outputGradients = outputGradients;
      this.wanted = wanted;
      this.known = known;
    }

    /** What the forward saved. */
    public Tensor saved(int index) {
      return saved.get(index);
    }

    /** Whether the gradient of that input is asked for. */
    public boolean wants(int input) {
      return wanted[input];
    }

    /**
     * What other operations have given of the gradient of that input so far; null where there is
     * nothing yet. Who takes it has to return the sum of it and his own part: an operation that can
     * add while it computes saves a pass over both.
     *
     * @return a tensor to read, in no case to write; it is closed after this backward
     */
    public @Nullable Tensor takeKnown(int input) {
      return known.apply(input);
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
