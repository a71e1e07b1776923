package dev.impromptu.tensor;

import java.util.List;

/**
 * An operation on tensors: a record whose components are its attributes, such as a dilation.
 *
 * <p>An operation that can be differentiated implements {@link DifferentiableOp}; a tracked input
 * that meets one that cannot is an error, never a gradient lost in silence. Run it with {@link
 * Tape#run}.
 */
public interface Op {
  /** The name in error messages, as users write it: {@code causalConv1d}. */
  String name();

  /**
   * Computes the outputs.
   *
   * @throws IllegalArgumentException when the shapes do not fit; the message names the operation,
   *     the shapes met, what was expected and the mend
   */
  Forward forward(List<Tensor> inputs);

  /**
   * What a forward leaves.
   *
   * @param outputs the results, at least one
   * @param saved what the backward needs, often some inputs and outputs
   */
  record Forward(List<Tensor> outputs, List<Tensor> saved) {
    /** One output, nothing saved. */
    public static Forward of(Tensor output) {
      return new Forward(List.of(output), List.of());
    }

    /** One output, and what the backward needs. */
    public static Forward of(Tensor output, Tensor... saved) {
      return new Forward(List.of(output), List.of(saved));
    }
  }
}
