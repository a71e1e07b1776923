package dev.impromptu.nn;

import dev.impromptu.functional.Mode;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The convolution along time; PyTorch's {@code nn.Conv1d} on {@code [batch, time, channels]}, with
 * its names and first values: evenly from {@code ±1 / sqrt(in kernel)}.
 */
public final class Conv1d implements Layer {
  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final int stride;
  private final int padding;
  private final int dilation;

  /** Makes the layer with PyTorch's defaults: stride 1, no padding, dilation 1, a bias. */
  public Conv1d(Device device, int in, int out, int kernel, PhiloxRandom random) {
    this(device, in, out, kernel, 1, 0, 1, true, random);
  }

  /** Makes the layer with a bias, as PyTorch's default is. */
  public Conv1d(
      Device device,
      int in,
      int out,
      int kernel,
      int stride,
      int padding,
      int dilation,
      PhiloxRandom random) {
    this(device, in, out, kernel, stride, padding, dilation, true, random);
  }

  /**
   * Makes the layer.
   *
   * @param in channels that come in
   * @param out channels that go out
   * @param kernel taps
   * @param stride steps from one output to the next
   * @param padding zeros before and behind
   * @param dilation steps from one tap to the next
   * @param bias whether one is added; without it there is no parameter of that name
   */
  public Conv1d(
      Device device,
      int in,
      int out,
      int kernel,
      int stride,
      int padding,
      int dilation,
      boolean bias,
      PhiloxRandom random) {
    if (in < 1 || out < 1 || kernel < 1 || stride < 1 || padding < 0 || dilation < 1) {
      throw new IllegalArgumentException(
          "Conv1d: in %d, out %d, kernel %d, stride %d and dilation %d must be at least 1, padding %d at least 0"
              .formatted(in, out, kernel, stride, dilation, padding));
    }
    double bound = 1 / Math.sqrt((double) in * kernel);
    weight = Parameter.uniform(device, Shape.of(out, in, kernel), bound, random);
    this.bias = bias ? Parameter.uniform(device, Shape.of(out), bound, random) : null;
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
  }

  /** {@code [batch, time, in] -> [batch, about time / stride, out]}. */
  public Tensor forward(Tensor x) {
    return bias == null
        ? dev.impromptu.functional.Conv1d.conv1d(x, weight.value(), stride, padding, dilation)
        : dev.impromptu.functional.Conv1d.conv1d(
            x, weight.value(), bias.value(), stride, padding, dilation);
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
