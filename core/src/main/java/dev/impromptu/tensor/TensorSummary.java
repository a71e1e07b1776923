package dev.impromptu.tensor;

import dev.impromptu.backend.DType;
import java.util.Arrays;
import java.util.Locale;

/** What a tensor prints as. */
final class TensorSummary {
  /** As many values are shown; of more, the first and what they spread over. */
  private static final int SHOWN = 8;

  private TensorSummary() {}

  /** All values where they are few, else their range, mean and the first of them. */
  static String of(Tensor tensor) {
    try {
      return tensor.dtype() == DType.INT32 ? ofInts(tensor) : ofFloats(tensor);
    } catch (IllegalStateException e) {
      // A device cannot be read while it records a step; an error's text must not fail for that.
      return "(not readable now)";
    }
  }

  private static String ofInts(Tensor tensor) {
    int[] values = tensor.toIntArray();
    if (values.length <= SHOWN) {
      return Arrays.toString(values);
    }
    var range = Arrays.stream(values).summaryStatistics();
    return "min %d, max %d: %s"
        .formatted(
            range.getMin(),
            range.getMax(),
            shortened(Arrays.toString(Arrays.copyOf(values, SHOWN))));
  }

  private static String ofFloats(Tensor tensor) {
    float[] values = tensor.toFloatArray();
    if (values.length <= SHOWN) {
      return Arrays.toString(values);
    }
    double sum = 0;
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      sum += value;
      // NaN where there is one, as the mean.
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    return String.format(
        Locale.ROOT,
        "min %.4g, mean %.4g, max %.4g: %s",
        min,
        sum / values.length,
        max,
        shortened(Arrays.toString(Arrays.copyOf(values, SHOWN))));
  }

  private static String shortened(String list) {
    return list.substring(0, list.length() - 1) + ", …]";
  }
}
