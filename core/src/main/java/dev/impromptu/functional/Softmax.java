package dev.impromptu.functional;

import dev.impromptu.tensor.Tensor;

/** Distributions along an axis, computed without overflow. */
public final class Softmax {
  private Softmax() {}

  /** {@code e^x} divided by its sum along an axis: positive, and 1 together. */
  public static Tensor softmax(Tensor x, int axis) {
    Tensor powers = shifted(x, axis).exp();
    return powers.dividedBy(widened(powers.sum(axis), x, axis));
  }

  /** The logarithm of {@link #softmax}, exact also where that is next to 0. */
  public static Tensor logSoftmax(Tensor x, int axis) {
    Tensor shifted = shifted(x, axis);
    return shifted.minus(widened(shifted.exp().sum(axis).log(), x, axis));
  }

  /**
   * {@code log(sum(e^x))} along an axis, which disappears: -infinity where all are, and then
   * without a gradient.
   */
  public static Tensor logSumExp(Tensor x, int axis) {
    // An infinite one would be subtracted from itself.
    Tensor greatest = x.detach().max(axis).clamp(-Float.MAX_VALUE, Float.MAX_VALUE);
    return x.minus(widened(greatest, x, axis)).exp().sum(axis).log().plus(greatest);
  }

  /** With the greatest at 0, so that no exponential overflows. What is subtracted cancels out. */
  private static Tensor shifted(Tensor x, int axis) {
    return x.minus(widened(x.detach().max(axis), x, axis));
  }

  private static Tensor widened(Tensor folded, Tensor x, int axis) {
    return folded.reshape(x.shape().with(axis, 1));
  }
}
