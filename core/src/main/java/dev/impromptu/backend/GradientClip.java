package dev.impromptu.backend;

/**
 * Limits a step by the length of the whole gradient (Pascanu et al., "On the difficulty of training
 * recurrent neural networks", 2013), as PyTorch's {@code clip_grad_norm_}: every gradient is
 * multiplied by {@code min(1, maxNorm / (norm + 1e-6))}.
 *
 * @param norm one element, from {@link Backend#norm} over all gradients
 * @param maxNorm the length allowed, above 0
 */
public record GradientClip(Storage norm, double maxNorm) {
  /** PyTorch's guard against division by zero. */
  public static final double EPSILON = 1e-6;

  /** What gradients are multiplied by, given the value of {@link #norm}. */
  public double factor(double value) {
    return Math.min(1, maxNorm / (value + EPSILON));
  }
}
