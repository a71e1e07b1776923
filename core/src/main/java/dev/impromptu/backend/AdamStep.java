package dev.impromptu.backend;

import org.jspecify.annotations.Nullable;

/**
 * One update by Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015).
 *
 * @param learningRate step size
 * @param beta1 decay of the mean of the gradients
 * @param beta2 decay of the mean of their squares
 * @param epsilon added to the root, against division by zero
 * @param step number of this update, from 1
 * @param clip limits the gradients first; absent for none
 */
public record AdamStep(
    double learningRate,
    double beta1,
    double beta2,
    double epsilon,
    long step,
    @Nullable GradientClip clip) {
  /** {@code 1 - beta1^step}. */
  public double correction1() {
    return 1 - Math.pow(beta1, step);
  }

  /** {@code 1 - beta2^step}. */
  public double correction2() {
    return 1 - Math.pow(beta2, step);
  }
}
