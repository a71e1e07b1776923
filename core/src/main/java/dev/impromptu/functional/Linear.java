package dev.impromptu.functional;

import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/** The affine map of the last axis; PyTorch's {@code functional.linear}. */
public final class Linear {
  private Linear() {}

  /**
   * {@code x weight^T + bias}.
   *
   * @param x {@code [..., in]}
   * @param weight {@code [out, in]}
   * @param bias {@code [out]}
   * @return {@code [..., out]}
   * @throws IllegalArgumentException when the sizes do not fit
   */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    return shaped(x, weight, rows(x, weight).plus(bias));
  }

  /** {@code x weight^T}. */
  public static Tensor linear(Tensor x, Tensor weight) {
    return shaped(x, weight, rows(x, weight));
  }

  private static Tensor rows(Tensor x, Tensor weight) {
    if (weight.shape().rank() != 2
        || x.shape().rank() < 1
        || x.shape().size(-1) != weight.shape().size(1)) {
      throw new IllegalArgumentException(
          "linear: weight %s expects an input [..., %d], but input is %s"
              .formatted(weight.shape(), weight.shape().size(-1), x.shape()));
    }
    Tensor rows = x;
    if (x.shape().rank() != 2) {
      int in = weight.shape().size(1);
      rows = x.reshape(Shape.of(x.shape().elements() / in, in));
    }
    return rows.matmulTransposed(weight);
  }

  private static Tensor shaped(Tensor x, Tensor weight, Tensor y) {
    Shape result = x.shape().with(-1, weight.shape().size(0));
    return y.shape().equals(result) ? y : y.reshape(result);
  }
}
