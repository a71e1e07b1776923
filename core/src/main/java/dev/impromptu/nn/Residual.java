package dev.impromptu.nn;

import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Tensor;

/**
 * A layer with its input added to its output (He et al., "Deep residual learning", 2016).
 *
 * @param inner keeps the shape of its input
 */
public record Residual(Layer inner) implements Layer {
  @Override
  public Tensor forward(Tensor x, Mode mode) {
    Tensor y = inner.forward(x, mode);
    if (!y.shape().equals(x.shape())) {
      throw new IllegalArgumentException(
          "Residual: the layer inside made %s of %s; it must keep the shape"
              .formatted(y.shape(), x.shape()));
    }
    return x.plus(y);
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.child("inner", inner);
  }
}
