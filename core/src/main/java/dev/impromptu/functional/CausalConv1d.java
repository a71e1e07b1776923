package dev.impromptu.functional;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Storage;
import dev.impromptu.tensor.DifferentiableOp;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The causal dilated convolution over whole sequences, stride 1 (van den Oord et al., "WaveNet",
 * 2016): an output sees its own step and earlier ones, and zeros before the first. It is PyTorch's
 * {@code functional.conv1d} on an input padded with {@code (kernel - 1) dilation} zeros in front,
 * but for the order of axes, which is {@code [batch, time, channels]} here.
 *
 * <p>Its inputs are x, the weight and perhaps a bias. {@link ConvRing} runs the same step by step.
 *
 * @param dilation steps from one tap to the next, at least 1
 * @param bias whether a bias is an input
 */
public record CausalConv1d(int dilation, boolean bias) implements DifferentiableOp {
  private static final String NAME = "causalConv1d";

  /** Checks the dilation. */
  public CausalConv1d {
    requireDilation(NAME, dilation);
  }

  /**
   * Convolves.
   *
   * @param x {@code [batch, time, in]}
   * @param weight {@code [out, in, kernel]}
   * @param bias {@code [out]}
   * @param dilation steps from one tap to the next, at least 1
   * @return {@code [batch, time, out]}
   * @throws IllegalArgumentException when the sizes do not fit
   */
  public static Tensor causalConv1d(Tensor x, Tensor weight, Tensor bias, int dilation) {
    return Tape.run(new CausalConv1d(dilation, true), x, weight, bias);
  }

  /** Convolves without a bias. */
  public static Tensor causalConv1d(Tensor x, Tensor weight, int dilation) {
    return Tape.run(new CausalConv1d(dilation, false), x, weight);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Forward forward(List<Tensor> inputs) {
    Tensor x = inputs.get(0);
    Tensor weight = inputs.get(1);
    ConvShape shape = requireShape(NAME, inputs, dilation);
    Tensor y = Tensor.empty(x.device(), x.shape().with(-1, shape.outChannels()));
    x.device()
        .backend()
        .causalConv1d(shape, x.storage(), weight.storage(), bias(inputs), null, y.storage());
    return Forward.of(y, x, weight);
  }

  @Override
  public List<@Nullable Tensor> backward(Backward context) {
    Tensor x = context.saved(0);
    Tensor weight = context.saved(1);
    return gradients(context, dilation, bias, x, weight, context.outputGradient());
  }

  /** The gradients of x, the weight and, where there is one, the bias; null where unwanted. */
  static List<@Nullable Tensor> gradients(
      Backward context, int dilation, boolean bias, Tensor x, Tensor weight, Tensor dy) {
    ConvShape shape = shape(x.shape(), weight.shape(), dilation);
    Backend backend = x.device().backend();
    List<@Nullable Tensor> gradients = new ArrayList<>(Arrays.asList(null, null));
    if (context.wants(0)) {
      Tensor dx = Tensor.empty(x.device(), x.shape());
      Tensor known = context.takeKnown(0);
      backend.causalConv1dBackwardInput(
          shape,
          dy.storage(),
          weight.storage(),
          known == null ? null : known.storage(),
          dx.storage());
      gradients.set(0, dx);
    }
    boolean wantsBias = bias && context.wants(2);
    Tensor dBias = wantsBias ? Tensor.empty(x.device(), Shape.of(shape.outChannels())) : null;
    if (context.wants(1) || dBias != null) {
      Tensor dWeight = Tensor.empty(x.device(), weight.shape());
      backend.causalConv1dBackwardWeight(
          shape,
          x.storage(),
          dy.storage(),
          dWeight.storage(),
          dBias == null ? null : dBias.storage());
      gradients.set(1, dWeight);
    }
    if (bias) {
      gradients.add(dBias);
    }
    return gradients;
  }

  static @Nullable Storage bias(List<Tensor> inputs) {
    return inputs.size() > 2 ? inputs.get(2).storage() : null;
  }

  static void requireDilation(String op, int dilation) {
    if (dilation < 1) {
      throw new IllegalArgumentException(op + ": dilation " + dilation + " must be at least 1");
    }
  }

  /** The sizes of x, weight and perhaps bias, checked. */
  static ConvShape requireShape(String op, List<Tensor> inputs, int dilation) {
    Shape x = inputs.get(0).shape();
    Shape weight = inputs.get(1).shape();
    if (x.rank() != 3) {
      throw new IllegalArgumentException(
          "%s: expected an input [batch, time, channels], but it is %s".formatted(op, x));
    }
    requireWeight(op, x, weight);
    if (inputs.size() > 2) {
      requireBias(op, weight, inputs.get(2).shape());
    }
    return shape(x, weight, dilation);
  }

  /** The weight fits to an input whose last axis are its channels. */
  static void requireWeight(String op, Shape x, Shape weight) {
    if (weight.rank() != 3) {
      throw new IllegalArgumentException(
          "%s: expected a weight [out, in, kernel], but it is %s".formatted(op, weight));
    }
    if (x.size(-1) != weight.size(1)) {
      throw new IllegalArgumentException(
          "%s: weight %s expects %d input channels, but input is %s"
              .formatted(op, weight, weight.size(1), x));
    }
  }

  static void requireBias(String op, Shape weight, Shape bias) {
    Shape expected = Shape.of(weight.size(0));
    if (!bias.equals(expected)) {
      throw new IllegalArgumentException(
          "%s: weight %s expects a bias %s, but it is %s".formatted(op, weight, expected, bias));
    }
  }

  private static ConvShape shape(Shape x, Shape weight, int dilation) {
    return new ConvShape(x.size(0), x.size(1), x.size(2), weight.size(0), weight.size(2), dilation);
  }
}
