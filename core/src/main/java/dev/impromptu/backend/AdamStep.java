package dev.impromptu.backend;

import org.jspecify.annotations.Nullable;

/**
 * One update by Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015), with
 * decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019):
 * parameters are first multiplied by {@code 1 - scale learningRate weightDecay}.
 *
 * @param learningRate step size
 * @param beta1 decay of the mean of the gradients
 * @param beta2 decay of the mean of their squares
 * @param epsilon added to the root, against division by zero
 * @param step number of this update, from 1
 * @param clip limits the gradients first; absent for none
 * @param rates what the parameters at hand have of their own
 */
public record AdamStep(
    double learningRate,
    double beta1,
    double beta2,
    double epsilon,
    long step,
    @Nullable GradientClip clip,
    ParameterRates rates)
    implements OptimizerStep {
  /** At the step's own rate, without weight decay. */
  public AdamStep(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      long step,
      @Nullable GradientClip clip) {
    this(learningRate, beta1, beta2, epsilon, step, clip, ParameterRates.PLAIN);
  }

  /** {@code 1 - beta1^step}. */
  public double correction1() {
    return 1 - Math.pow(beta1, step);
  }

  /** {@code 1 - beta2^step}. */
  public double correction2() {
    return 1 - Math.pow(beta2, step);
  }

  /** {@code learningRate / (1 - beta1^step)}. */
  @Override
  public double rate() {
    return learningRate / correction1();
  }

  /** {@code sqrt(1 - beta2^step)}. */
  @Override
  public double correction() {
    return Math.sqrt(correction2());
  }
}
