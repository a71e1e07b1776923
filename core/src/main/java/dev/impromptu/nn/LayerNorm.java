package dev.impromptu.nn;

import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/** Normalisation of the last axis; PyTorch's {@code nn.LayerNorm}, with its names and defaults. */
public final class LayerNorm implements Layer {
  /** PyTorch's guard against division by zero. */
  public static final double EPSILON = 1e-5;

  private final Parameter weight;
  private final Parameter bias;

  /**
   * Makes the layer; at first it only normalises.
   *
   * @param width size of the last axis
   */
  public LayerNorm(Device device, int width) {
    weight = Parameter.full(device, Shape.of(width), 1);
    bias = Parameter.full(device, Shape.of(width), 0);
  }

  /** {@code [..., width] -> [..., width]}. */
  public Tensor forward(Tensor x) {
    return dev.impromptu.functional.LayerNorm.layerNorm(x, weight.value(), bias.value(), EPSILON);
  }

  @Override
  public Tensor forward(Tensor x, Mode mode) {
    return forward(x);
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.parameter("weight", weight);
    visitor.parameter("bias", bias);
  }
}
