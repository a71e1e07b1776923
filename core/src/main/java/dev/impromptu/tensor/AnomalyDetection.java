package dev.impromptu.tensor;

import dev.impromptu.backend.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stops at the first operation that makes a NaN or an infinity, forward or backward, and names it.
 * It reads every result, so it is for finding a fault, not for every day.
 *
 * <pre>{@code
 * try (var _ = Scope.observed(new AnomalyDetection())) {
 *   trainer.fit(objective, training, validation, epochs);
 * }
 * }</pre>
 *
 * <p>With {@code -Dimpromptu.anomaly=true} every scope is observed so.
 */
public final class AnomalyDetection implements OpObserver {
  /** Makes one; it keeps nothing, so one serves all. */
  public AnomalyDetection() {}

  /**
   * Looks at the outputs.
   *
   * @throws ArithmeticException when one holds a NaN or an infinity
   */
  @Override
  public void forward(Op op, List<Tensor> inputs, List<Tensor> outputs, long start) {
    for (Tensor output : outputs) {
      int place = firstAnomaly(output);
      if (place >= 0) {
        throw new ArithmeticException(
            "%s made %s at element %d of its output %s, %s"
                .formatted(
                    op.name(),
                    output.toDoubleArray()[place],
                    place,
                    output.shape(),
                    origin(inputs)));
      }
    }
  }

  /** With values that are all finite it was the operation; else they came in from outside. */
  private static String origin(List<Tensor> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      int place = firstAnomaly(inputs.get(i));
      if (place >= 0) {
        return "but it was given one at element %d of input %d, %s"
            .formatted(place, i, inputs.get(i));
      }
    }
    return "from finite inputs " + inputs;
  }

  /**
   * Looks at the gradients.
   *
   * @throws ArithmeticException when one holds a NaN or an infinity
   */
  @Override
  public void backward(Op op, List<@Nullable Tensor> gradients, long start) {
    for (int i = 0; i < gradients.size(); i++) {
      Tensor gradient = gradients.get(i);
      int place = gradient == null ? -1 : firstAnomaly(gradient);
      if (gradient != null && place >= 0) {
        throw new ArithmeticException(
            "the backward of %s made %s at element %d of the gradient %s of its input %d"
                .formatted(op.name(), gradient.toDoubleArray()[place], place, gradient.shape(), i));
      }
    }
  }

  /** The place of the first value that is not finite, or -1. */
  private static int firstAnomaly(Tensor tensor) {
    if (tensor.dtype() != DType.FLOAT32) {
      return -1;
    }
    double[] values = tensor.toDoubleArray();
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        return i;
      }
    }
    return -1;
  }
}
