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
    if (weight.shape().rank() != 2
        || x.shape().rank() < 1
        || x.shape().size(-1) != weight.shape().size(1)) {
      throw new IllegalArgumentException(
          "linear: weight %s expects an input [..., %d], but input is %s"
              .formatted(weight.shape(), weight.shape().size(-1), x.shape()));
    }
    Shape result = x.shape().with(-1, weight.shape().size(0));
    Tensor rows = x;
    if (x.shape().rank() != 2) {
      int in = weight.shape().size(1);
      rows = x.reshape(Shape.of(x.shape().elements() / in, in));
    }
    Tensor y = rows.matmulTransposed(weight).plus(bias);
    return y.shape().equals(result) ? y : y.reshape(result);
  }
}
