package dev.impromptu.backend;

/**
 * What a group of parameters has of its own in an optimizer's step.
 *
 * @param scale its learning rate is the step's, multiplied by this; at least 0
 * @param weightDecay how strongly its parameters are drawn to 0, at least 0; how, the step says
 */
public record ParameterRates(double scale, double weightDecay) {
  /** The step's learning rate, and no decay. */
  public static final ParameterRates PLAIN = new ParameterRates(1, 0);

  /** Checks the ranges stated above. */
  public ParameterRates {
    if (!(scale >= 0) || !(weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "ParameterRates: scale %s and weight decay %s must be at least 0"
              .formatted(scale, weightDecay));
    }
  }
}
