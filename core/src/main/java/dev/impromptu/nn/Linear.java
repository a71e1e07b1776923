package dev.impromptu.nn;

import dev.impromptu.functional.Mode;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The map {@code x weight^T + bias}, or without the bias; PyTorch's {@code nn.Linear}, with its
 * first values: evenly from {@code ±1 / sqrt(in)}.
 */
public final class Linear implements Layer {
  private final Parameter weight;
  private final @Nullable Parameter bias;

  /** Makes the layer with a bias, as PyTorch's default is. */
  public Linear(Device device, int in, int out, PhiloxRandom random) {
    this(device, in, out, true, random);
  }

  /**
   * Makes the layer.
   *
   * @param in features that come in
   * @param out features that go out
   * @param bias whether one is added; without it there is no parameter of that name
   */
  public Linear(Device device, int in, int out, boolean bias, PhiloxRandom random) {
    double bound = 1 / Math.sqrt(in);
    weight = Parameter.uniform(device, Shape.of(out, in), bound, random);
    this.bias = bias ? Parameter.uniform(device, Shape.of(out), bound, random) : null;
  }

  /** {@code [..., in] -> [..., out]}. */
  public Tensor forward(Tensor x) {
    return bias == null
        ? dev.impromptu.functional.Linear.linear(x, weight.value())
        : dev.impromptu.functional.Linear.linear(x, weight.value(), bias.value());
  }

  @Override
  public Tensor forward(Tensor x, Mode mode) {
    return forward(x);
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.parameter("weight", weight);
    if (bias != null) {
      visitor.parameter("bias", bias);
    }
  }
}
