package dev.impromptu.functional;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.tensor.DifferentiableOp;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@link CausalConv1d} with WaveNet's gate as one fused operation: {@code tanh(filter * x)
 * sigmoid(gate * x)}, where {@code *} is the convolution (van den Oord et al., "WaveNet", 2016).
 *
 * <p>Its inputs are x, the weight and perhaps a bias; of their output channels the first half is
 * the filter's, the second the gate's.
 *
 * @param dilation steps from one tap to the next, at least 1
 * @param bias whether a bias is an input
 */
public record GatedConv1d(int dilation, boolean bias) implements DifferentiableOp {
  private static final String NAME = "gatedConv1d";

  /** Checks the dilation. */
  public GatedConv1d {
    CausalConv1d.requireDilation(NAME, dilation);
  }

  /**
   * Convolves and gates.
   *
   * @param x {@code [batch, time, in]}
   * @param weight {@code [2 channels, in, kernel]}
   * @param bias {@code [2 channels]}
   * @param dilation steps from one tap to the next, at least 1
   * @return {@code [batch, time, channels]}
   * @throws IllegalArgumentException when the sizes do not fit
   */
  public static Tensor gatedConv1d(Tensor x, Tensor weight, Tensor bias, int dilation) {
    return Tape.run(new GatedConv1d(dilation, true), x, weight, bias);
  }

  /** Convolves and gates without a bias. */
  public static Tensor gatedConv1d(Tensor x, Tensor weight, int dilation) {
    return Tape.run(new GatedConv1d(dilation, false), x, weight);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Forward forward(List<Tensor> inputs) {
    Tensor x = inputs.get(0);
    Tensor weight = inputs.get(1);
    ConvShape shape = CausalConv1d.requireShape(NAME, inputs, dilation);
    int both = shape.outChannels();
    if (both % 2 != 0) {
      throw new IllegalArgumentException(
          "%s: weight %s has %d output channels, expected an even number: filter and gate"
              .formatted(NAME, weight.shape(), both));
    }
    Tensor gates = Tensor.empty(x.device(), x.shape().with(-1, both));
    Tensor y = Tensor.empty(x.device(), x.shape().with(-1, both / 2));
    x.device()
        .backend()
        .gatedConv1d(
            shape,
            x.storage(),
            weight.storage(),
            CausalConv1d.bias(inputs),
            gates.storage(),
            y.storage());
    return Forward.of(y, x, weight, gates);
  }

  @Override
  public List<@Nullable Tensor> backward(Backward context) {
    Tensor x = context.saved(0);
    Tensor weight = context.saved(1);
    Tensor gates = context.saved(2);
    Tensor dPre = Tensor.empty(x.device(), gates.shape());
    ConvShape shape = CausalConv1d.requireShape(NAME, List.of(x, weight), dilation);
    x.device()
        .backend()
        .gatedConv1dBackward(
            shape, gates.storage(), context.outputGradient().storage(), dPre.storage());
    return CausalConv1d.gradients(context, dilation, bias, x, weight, dPre);
  }
}
