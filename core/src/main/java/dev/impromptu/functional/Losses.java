package dev.impromptu.functional;

import dev.impromptu.tensor.Tensor;

/** Losses of regression and of yes-or-no questions; {@link CrossEntropy} is the one of classes. */
public final class Losses {
  private Losses() {}

  /**
   * The mean of {@code (prediction - target)^2}; PyTorch's {@code mse_loss}.
   *
   * @param prediction any shape
   * @param target the same shape
   * @return a scalar
   * @throws IllegalArgumentException when the shapes differ
   */
  public static Tensor meanSquaredError(Tensor prediction, Tensor target) {
    requireSameShape("meanSquaredError", prediction, target);
    return prediction.minus(target).square().mean();
  }

  /**
   * The mean of {@code -target log(p) - (1 - target) log(1 - p)} with {@code p = sigmoid(logits)},
   * computed without overflow; PyTorch's {@code binary_cross_entropy_with_logits}.
   *
   * @param logits any shape
   * @param target the same shape, from 0 to 1
   * @return a scalar, in nats
   * @throws IllegalArgumentException when the shapes differ
   */
  public static Tensor binaryCrossEntropy(Tensor logits, Tensor target) {
    requireSameShape("binaryCrossEntropy", logits, target);
    return logits.softplus().minus(logits.times(target)).mean();
  }

  private static void requireSameShape(String name, Tensor prediction, Tensor target) {
    // Spreading one over the other would give a number, and hardly ever the one that was meant.
    if (!prediction.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          "%s: prediction %s and target %s must have the same shape"
              .formatted(name, prediction.shape(), target.shape()));
    }
  }
}
