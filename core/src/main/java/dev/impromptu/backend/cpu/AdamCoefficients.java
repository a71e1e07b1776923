package dev.impromptu.backend.cpu;

import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.GradientClip;
import org.jspecify.annotations.Nullable;

/**
 * What an update needs of an {@link AdamStep}, computed in double precision once: {@code p -=
 * stepSize m / (sqrt(v) / rootCorrection + epsilon)}, PyTorch's order of operations. Gradients are
 * multiplied by {@code gradientFactor} first.
 */
record AdamCoefficients(
    float beta1,
    float oneMinusBeta1,
    float beta2,
    float oneMinusBeta2,
    float stepSize,
    float rootCorrection,
    float epsilon,
    float gradientFactor) {

  static AdamCoefficients of(AdamStep step) {
    return new AdamCoefficients(
        (float) step.beta1(),
        (float) (1 - step.beta1()),
        (float) step.beta2(),
        (float) (1 - step.beta2()),
        (float) (step.learningRate() / step.correction1()),
        (float) Math.sqrt(step.correction2()),
        (float) step.epsilon(),
        (float) factor(step.clip()));
  }

  private static double factor(@Nullable GradientClip clip) {
    if (clip == null) {
      return 1;
    }
    var norm = CpuStorage.floats(clip.norm());
    return clip.factor(norm.array[norm.offset]);
  }
}
