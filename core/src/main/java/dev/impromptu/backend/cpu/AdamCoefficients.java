package dev.impromptu.backend.cpu;

import dev.impromptu.backend.AdamStep;

/**
 * What an update needs of an {@link AdamStep}, computed in double precision once: {@code p -=
 * stepSize m / (sqrt(v) / rootCorrection + epsilon)}, PyTorch's order of operations.
 */
record AdamCoefficients(
    float beta1,
    float oneMinusBeta1,
    float beta2,
    float oneMinusBeta2,
    float stepSize,
    float rootCorrection,
    float epsilon) {

  static AdamCoefficients of(AdamStep step) {
    return new AdamCoefficients(
        (float) step.beta1(),
        (float) (1 - step.beta1()),
        (float) step.beta2(),
        (float) (1 - step.beta2()),
        (float) (step.learningRate() / step.correction1()),
        (float) Math.sqrt(step.correction2()),
        (float) step.epsilon());
  }
}
