package dev.impromptu.functional;

import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/** Normalisation along the last axis (Ba et al., "Layer normalization", 2016). */
public final class LayerNorm {
  private LayerNorm() {}

  /**
   * Shifts and scales each row to mean 0 and variance 1 (of the population), then by parameters;
   * PyTorch's {@code layer_norm} over one axis.
   *
   * @param x {@code [..., width]}
   * @param weight {@code [width]}
   * @param bias {@code [width]}
   * @param epsilon added to the variance, PyTorch's default is 1e-5
   * @return the shape of x
   * @throws IllegalArgumentException when the parameters have another width
   */
  public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon) {
    Shape width = Shape.of(x.shape().size(-1));
    if (!weight.shape().equals(width) || !bias.shape().equals(width)) {
      throw new IllegalArgumentException(
          "layerNorm: rows of %s need weight and bias %s, but met %s and %s"
              .formatted(x.shape(), width, weight.shape(), bias.shape()));
    }
    Shape row = x.shape().with(-1, 1);
    Tensor centered = x.minus(x.mean(-1).reshape(row));
    Tensor deviation = centered.square().mean(-1).plus(epsilon).sqrt().reshape(row);
    return centered.dividedBy(deviation).times(weight).plus(bias);
  }
}
