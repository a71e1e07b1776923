package dev.impromptu.functional;

import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/** A weight as direction and length (Salimans and Kingma, "Weight normalization", 2016). */
public final class WeightNorm {
  private WeightNorm() {}

  /**
   * {@code length v / |v|} for each output; PyTorch's {@code weight_norm} with {@code dim=0}.
   *
   * @param v {@code [out, ...]}
   * @param length {@code [out, 1, ...]}, of v's rank
   * @return the shape of v
   * @throws IllegalArgumentException when there is not one length for each output
   */
  public static Tensor weightNorm(Tensor v, Tensor length) {
    int out = v.shape().size(0);
    int rest = v.shape().elements() / out;
    if (length.shape().elements() != out || length.shape().size(0) != out) {
      throw new IllegalArgumentException(
          "weightNorm: direction %s needs a length for each of %d outputs, but met %s"
              .formatted(v.shape(), out, length.shape()));
    }
    Tensor rows = v.reshape(Shape.of(out, rest));
    Tensor norm = rows.square().sum(1).sqrt();
    Tensor scale = length.reshape(Shape.of(out)).dividedBy(norm).reshape(Shape.of(out, 1));
    return rows.times(scale).reshape(v.shape());
  }
}
