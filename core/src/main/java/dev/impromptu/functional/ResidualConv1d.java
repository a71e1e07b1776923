package dev.impromptu.functional;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.tensor.DifferentiableOp;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@link CausalConv1d} and something that is added to it, as one fused operation: a residual
 * connection (He et al., "Deep Residual Learning for Image Recognition", 2015), or the sum of skip
 * connections so far (van den Oord et al., "WaveNet", 2016).
 *
 * <p>Its inputs are x, the weight, perhaps a bias, and what is added.
 *
 * @param dilation steps from one tap to the next, at least 1
 * @param bias whether a bias is an input
 */
public record ResidualConv1d(int dilation, boolean bias) implements DifferentiableOp {
  private static final String NAME = "residualConv1d";

  /** Checks the dilation. */
  public ResidualConv1d {
    CausalConv1d.requireDilation(NAME, dilation);
  }

  /**
   * Convolves and adds.
   *
   * @param x {@code [batch, time, in]}
   * @param weight {@code [out, in, kernel]}
   * @param bias {@code [out]}
   * @param residual {@code [batch, time, out]}
   * @param dilation steps from one tap to the next, at least 1
   * @return {@code [batch, time, out]}
   * @throws IllegalArgumentException when the sizes do not fit
   */
  public static Tensor residualConv1d(
      Tensor x, Tensor weight, Tensor bias, Tensor residual, int dilation) {
    return Tape.run(new ResidualConv1d(dilation, true), x, weight, bias, residual);
  }

  /** Convolves without a bias and adds. */
  public static Tensor residualConv1d(Tensor x, Tensor weight, Tensor residual, int dilation) {
    return Tape.run(new ResidualConv1d(dilation, false), x, weight, residual);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Forward forward(List<Tensor> inputs) {
    Tensor x = inputs.get(0);
    Tensor weight = inputs.get(1);
    Tensor residual = inputs.getLast();
    List<Tensor> convolved = inputs.subList(0, inputs.size() - 1);
    ConvShape shape = CausalConv1d.requireShape(NAME, convolved, dilation);
    Shape out = x.shape().with(-1, shape.outChannels());
    if (!residual.shape().equals(out)) {
      throw new IllegalArgumentException(
          "%s: the result is %s, so what is added has to be, but it is %s"
              .formatted(NAME, out, residual.shape()));
    }
    Tensor y = Tensor.empty(x.device(), out);
    x.device()
        .backend()
        .causalConv1d(
            shape,
            x.storage(),
            weight.storage(),
            CausalConv1d.bias(convolved),
            residual.storage(),
            y.storage());
    return Forward.of(y, x, weight);
  }

  @Override
  public List<@Nullable Tensor> backward(Backward context) {
    Tensor dy = context.outputGradient();
    List<@Nullable Tensor> gradients =
        new ArrayList<>(
            CausalConv1d.gradients(
                context, dilation, bias, context.saved(0), context.saved(1), dy));
    gradients.add(dy);
    return gradients;
  }
}
