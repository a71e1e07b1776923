package dev.impromptu.nn;

import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;

/**
 * A tensor that a model learns. Its first values are drawn on the host, so that one seed gives the
 * same model on every device.
 *
 * @param value the tracked tensor, changed in place by optimizers
 */
public record Parameter(Tensor value) {
  /**
   * Drawn evenly from {@code [-bound, bound)}.
   *
   * @param random draws one number an element, in row-major order
   */
  public static Parameter uniform(Device device, Shape shape, double bound, PhiloxRandom random) {
    float[] values = new float[shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2 * random.nextFloat() - 1) * bound);
    }
    return new Parameter(Tensor.parameter(device, shape, values));
  }

  /** Drawn from the standard normal distribution. */
  public static Parameter normal(Device device, Shape shape, PhiloxRandom random) {
    float[] values = new float[shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Parameter(Tensor.parameter(device, shape, values));
  }

  /** Of one value everywhere. */
  public static Parameter full(Device device, Shape shape, float value) {
    float[] values = new float[shape.elements()];
    Arrays.fill(values, value);
    return new Parameter(Tensor.parameter(device, shape, values));
  }

  /** Its sizes. */
  public Shape shape() {
    return value.shape();
  }
}
