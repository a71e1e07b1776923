package dev.impromptu.backend.cpu;

import dev.impromptu.backend.AdamStep;

/**
 * What an update needs of an {@link AdamStep}, computed in double precision once: {@code p = kept p
 * - stepSize m / (sqrt(v) / rootCorrection + epsilon)}, PyTorch's order of operations. Gradients
 * are multiplied by {@code gradientFactor} first.
 */
record AdamCoefficients(
    float beta1,
    float oneMinusBeta1,
    float beta2,
    float oneMinusBeta2,
    float stepSize,
    float rootCorrection,
    float epsilon,
    float kept,
    float gradientFactor) {

  static AdamCoefficients of(AdamStep step) {
    double scale = step.rates().scale();
    return new AdamCoefficients(
        (float) step.beta1(),
        (float) (1 - step.beta1()),
        (float) step.beta2(),
        (float) (1 - step.beta2()),
        (float) (scale * step.rate()),
        (float) step.correction(),
        (float) step.epsilon(),
        (float) (1 - scale * step.learningRate() * step.rates().weightDecay()),
        OptimizerUpdates.gradientFactor(step));
  }
}
