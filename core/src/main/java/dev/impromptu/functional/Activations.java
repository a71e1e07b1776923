package dev.impromptu.functional;

import dev.impromptu.tensor.Masks;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/** Nonlinearities made of the elementwise operations, element by element on any shape. */
public final class Activations {
  private Activations() {}

  /**
   * {@code x} above 0 and {@code slope x} below, with that slope at 0; PyTorch's {@code
   * leaky_relu}, whose default slope is 0.01.
   */
  public static Tensor leakyRelu(Tensor x, double slope) {
    return x.relu().plus(upToZero(x).times(slope));
  }

  /**
   * {@code x} above 0 and {@code e^x - 1} below, with a slope of 1 at 0; PyTorch's {@code elu} with
   * alpha 1.
   */
  public static Tensor elu(Tensor x) {
    return x.relu().plus(upToZero(x).exp().plus(-1));
  }

  /** {@code x} up to 0 and 0 above; at 0 it has the slope 1, where that of relu is 0. */
  private static Tensor upToZero(Tensor x) {
    return Masks.keep(x, Masks.lessOrEqual(x, Tensor.zeros(x.device(), Shape.of())));
  }

  /** {@code x sigmoid(x)}; PyTorch's {@code silu}. */
  public static Tensor silu(Tensor x) {
    return x.times(x.sigmoid());
  }

  /**
   * Hendrycks and Gimpel's GELU (2016) in its form with tanh; PyTorch's {@code gelu} with {@code
   * approximate="tanh"}, which differs from its default by less than 5e-4.
   */
  public static Tensor gelu(Tensor x) {
    Tensor cube = x.times(x.square());
    Tensor inner = x.plus(cube.times(0.044715)).times(Math.sqrt(2 / Math.PI));
    return x.times(inner.tanh().plus(1)).times(0.5);
  }
}
