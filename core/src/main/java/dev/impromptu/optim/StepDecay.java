package dev.impromptu.optim;

import java.util.List;

/**
 * Multiplies the rate by a factor after every so many updates; PyTorch's {@code StepLR}.
 *
 * @param initial the rate at first, above 0
 * @param every updates between two changes, at least 1
 * @param factor above 0
 */
public record StepDecay(double initial, long every, double factor) implements Schedule {
  /** Checks the ranges stated above. */
  public StepDecay {
    if (!(initial > 0) || every < 1 || !(factor > 0)) {
      throw new IllegalArgumentException(
          "StepDecay: rate %s and factor %s must be greater than 0, and every %d at least 1"
              .formatted(initial, factor, every));
    }
  }

  @Override
  public double rate(long steps, List<Double> measured) {
    return initial * Math.pow(factor, steps / every);
  }
}
