package dev.impromptu.nn;

import dev.impromptu.functional.ConvRing;
import dev.impromptu.functional.GatedConv1d;
import dev.impromptu.functional.Mode;
import dev.impromptu.functional.ResidualConv1d;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The causal dilated convolution of stride 1; PyTorch's {@code nn.Conv1d} behind {@code (kernel -
 * 1) dilation} zeros in front, with its names and first values: evenly from {@code ±1 / sqrt(in
 * kernel)}.
 */
public final class CausalConv1d implements Layer {
  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final int dilation;

  /** Makes the layer with a bias, as PyTorch's default is. */
  public CausalConv1d(
      Device device, int in, int out, int kernel, int dilation, PhiloxRandom random) {
    this(device, in, out, kernel, dilation, true, random);
  }

  /**
   * Makes the layer.
   *
   * @param in channels that come in
   * @param out channels that go out
   * @param kernel taps
   * @param dilation steps from one tap to the next
   * @param bias whether one is added; without it there is no parameter of that name
   */
  public CausalConv1d(
      Device device, int in, int out, int kernel, int dilation, boolean bias, PhiloxRandom random) {
    if (in < 1 || out < 1 || kernel < 1 || dilation < 1) {
      throw new IllegalArgumentException(
          "CausalConv1d: in %d, out %d, kernel %d and dilation %d must be at least 1"
              .formatted(in, out, kernel, dilation));
    }
    double bound = 1 / Math.sqrt((double) in * kernel);
    weight = Parameter.uniform(device, Shape.of(out, in, kernel), bound, random);
    this.bias = bias ? Parameter.uniform(device, Shape.of(out), bound, random) : null;
    this.dilation = dilation;
  }

  /** {@code [batch, time, in] -> [batch, time, out]}. */
  public Tensor forward(Tensor x) {
    return bias == null
        ? dev.impromptu.functional.CausalConv1d.causalConv1d(x, weight.value(), dilation)
        : dev.impromptu.functional.CausalConv1d.causalConv1d(
            x, weight.value(), bias.value(), dilation);
  }

  /**
   * The same, added to something of the same shape: a residual connection, for less than a sum of
   * its own would cost.
   */
  public Tensor addedTo(Tensor residual, Tensor x) {
    return bias == null
        ? ResidualConv1d.residualConv1d(x, weight.value(), residual, dilation)
        : ResidualConv1d.residualConv1d(x, weight.value(), bias.value(), residual, dilation);
  }

  @Override
  public Tensor forward(Tensor x, Mode mode) {
    return forward(x);
  }

  /** With WaveNet's gate behind it: {@code [batch, time, in] -> [batch, time, out / 2]}. */
  Tensor gated(Tensor x) {
    return bias == null
        ? GatedConv1d.gatedConv1d(x, weight.value(), dilation)
        : GatedConv1d.gatedConv1d(x, weight.value(), bias.value(), dilation);
  }

  /**
   * What the layer remembers when it runs step by step; it belongs to the scope at hand.
   *
   * @param batch sequences that run together
   */
  public ConvRing ring(int batch) {
    Shape size = weight.shape();
    return new ConvRing(weight.value().device(), batch, size.size(1), size.size(2), dilation);
  }

  /**
   * The next step: {@code [batch, in] -> [batch, out]}. It has no gradient, so call it in {@link
   * dev.impromptu.tensor.Scope#inference}.
   */
  public Tensor step(Tensor x, ConvRing ring) {
    return bias == null ? ring.step(x, weight.value()) : ring.step(x, weight.value(), bias.value());
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.parameter("weight", weight);
    if (bias != null) {
      visitor.parameter("bias", bias);
    }
  }
}
