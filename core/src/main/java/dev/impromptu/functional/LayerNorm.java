package dev.impromptu.functional;

import dev.impromptu.tensor.DifferentiableOp;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Normalisation along the last axis as one fused operation (Ba et al., "Layer normalization",
 * 2016).
 *
 * <p>Its inputs are x, the weight and the bias. Statistics of rows whose mean is large beside their
 * deviation keep their digits.
 *
 * @param epsilon added to the variance, 0 or more
 */
public record LayerNorm(double epsilon) implements DifferentiableOp {
  private static final String NAME = "layerNorm";

  /** What is kept of each row. */
  private static final int MOMENTS = 3;

  /** Checks the range. */
  public LayerNorm {
    if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          NAME + ": epsilon is " + epsilon + ", but must be 0 or more; PyTorch's is 1e-5");
    }
  }

  /**
   * Shifts and scales each row to mean 0 and variance 1 (of the population), then by parameters;
   * PyTorch's {@code layer_norm} over one axis.
   *
   * @param x {@code [..., width]}
   * @param weight {@code [width]}
   * @param bias {@code [width]}
   * @param epsilon added to the variance, 0 or more; PyTorch's default is 1e-5
   * @return the shape of x
   * @throws IllegalArgumentException when the parameters have another width, or epsilon is out of
   *     range
   */
  public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon) {
    return Tape.run(new LayerNorm(epsilon), x, weight, bias);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Forward forward(List<Tensor> inputs) {
    Tensor x = inputs.get(0);
    Tensor weight = inputs.get(1);
    Tensor bias = inputs.get(2);
    if (x.shape().rank() < 1) {
      throw new IllegalArgumentException(
          NAME + ": expected rows [..., width], but met a single number; reshape it to [1]");
    }
    Shape width = Shape.of(x.shape().size(-1));
    if (!weight.shape().equals(width) || !bias.shape().equals(width)) {
      throw new IllegalArgumentException(
          "%s: rows of %s need weight and bias %s, but met %s and %s"
              .formatted(NAME, x.shape(), width, weight.shape(), bias.shape()));
    }
    int rows = x.shape().elements() / width.elements();
    Tensor y = Tensor.empty(x.device(), x.shape());
    Tensor moments = Tensor.empty(x.device(), Shape.of(rows, MOMENTS));
    x.device()
        .backend()
        .layerNorm(
            epsilon, x.storage(), weight.storage(), bias.storage(), y.storage(), moments.storage());
    return Forward.of(y, x, weight, moments);
  }

  @Override
  public List<@Nullable Tensor> backward(Backward context) {
    Tensor x = context.saved(0);
    Tensor weight = context.saved(1);
    Tensor dx = context.wants(0) ? Tensor.empty(x.device(), x.shape()) : null;
    Tensor dWeight = Tensor.empty(x.device(), weight.shape());
    Tensor dBias = Tensor.empty(x.device(), weight.shape());
    x.device()
        .backend()
        .layerNormBackward(
            x.storage(),
            weight.storage(),
            context.saved(2).storage(),
            context.outputGradient().storage(),
            dx == null ? null : dx.storage(),
            dWeight.storage(),
            dBias.storage());
    return Arrays.asList(dx, dWeight, dBias);
  }
}
