package dev.impromptu.nn;

import dev.impromptu.functional.Mode;
import dev.impromptu.functional.WeightNorm;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/**
 * A causal dilated convolution whose weight is learned as direction and length; PyTorch's {@code
 * weight_norm} on a {@code nn.Conv1d} behind zeros in front, with its names {@code weight_g} and
 * {@code weight_v}.
 */
public final class WeightNormConv1d implements Layer {
  private final Parameter direction;
  private final Parameter length;
  private final Parameter bias;
  private final int dilation;

  /**
   * Makes the layer; the lengths are those of the first directions.
   *
   * @param in channels that come in
   * @param out channels that go out
   * @param kernel taps
   * @param dilation steps from one tap to the next
   */
  public WeightNormConv1d(
      Device device, int in, int out, int kernel, int dilation, PhiloxRandom random) {
    if (in < 1 || out < 1 || kernel < 1 || dilation < 1) {
      throw new IllegalArgumentException(
          "WeightNormConv1d: in %d, out %d, kernel %d and dilation %d must be at least 1"
              .formatted(in, out, kernel, dilation));
    }
    double bound = 1 / Math.sqrt((double) in * kernel);
    direction = Parameter.uniform(device, Shape.of(out, in, kernel), bound, random);
    bias = Parameter.uniform(device, Shape.of(out), bound, random);
    length = new Parameter(Tensor.parameter(device, Shape.of(out, 1, 1), lengths(direction)));
    this.dilation = dilation;
  }

  private static float[] lengths(Parameter direction) {
    float[] values = direction.value().toFloatArray();
    float[] lengths = new float[direction.shape().size(0)];
    int row = values.length / lengths.length;
    for (int out = 0; out < lengths.length; out++) {
      double squares = 0;
      for (int i = out * row; i < (out + 1) * row; i++) {
        squares += (double) values[i] * values[i];
      }
      lengths[out] = (float) Math.sqrt(squares);
    }
    return lengths;
  }

  /** {@code [batch, time, in] -> [batch, time, out]}. */
  public Tensor forward(Tensor x) {
    Tensor weight = WeightNorm.weightNorm(direction.value(), length.value());
    return dev.impromptu.functional.CausalConv1d.causalConv1d(x, weight, bias.value(), dilation);
  }

  @Override
  public Tensor forward(Tensor x, Mode mode) {
    return forward(x);
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.parameter("bias", bias);
    visitor.parameter("weight_g", length);
    visitor.parameter("weight_v", direction);
  }
}
