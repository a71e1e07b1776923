package dev.impromptu.nn;

import dev.impromptu.functional.Mode;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/**
 * The affine map {@code x weight^T + bias}; PyTorch's {@code nn.Linear}, with its first values:
 * evenly from {@code ±1 / sqrt(in)}.
 */
public final class Linear implements Layer {
  private final Parameter weight;
  private final Parameter bias;

  /**
   * Makes the layer.
   *
   * @param in features that come in
   * @param out features that go out
   */
  public Linear(Device device, int in, int out, PhiloxRandom random) {
    double bound = 1 / Math.sqrt(in);
    weight = Parameter.uniform(device, Shape.of(out, in), bound, random);
    bias = Parameter.uniform(device, Shape.of(out), bound, random);
  }

  /** {@code [..., in] -> [..., out]}. */
  public Tensor forward(Tensor x) {
    return dev.impromptu.functional.Linear.linear(x, weight.value(), bias.value());
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
