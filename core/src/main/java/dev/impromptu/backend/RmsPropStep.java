package dev.impromptu.backend;

import org.jspecify.annotations.Nullable;

/**
 * One update by RMSProp (Tieleman and Hinton, "Lecture 6.5", 2012; centered: Graves, "Generating
 * sequences with recurrent neural networks", 2013), in the form of PyTorch's {@code optim.RMSprop}:
 * with {@code g} the limited gradient plus {@code weightDecay p}, {@code s = alpha s + (1 - alpha)
 * g^2}, centered also {@code m = alpha m + (1 - alpha) g}, the direction {@code d = g / (sqrt(s -
 * m^2) + epsilon)}, and {@code p -= scale learningRate d}; with momentum {@code v = momentum v + d}
 * takes the place of {@code d}. Where rounding makes {@code s - m^2} negative it counts as 0.
 *
 * @param learningRate step size
 * @param alpha decay of the mean of the squares
 * @param epsilon added to the root, against division by zero
 * @param momentum decay of the velocity; 0 for none
 * @param step number of this update, from 1
 * @param clip limits the gradients first; absent for none
 * @param rates what the parameters at hand have of their own
 */
public record RmsPropStep(
    double learningRate,
    double alpha,
    double epsilon,
    double momentum,
    long step,
    @Nullable GradientClip clip,
    ParameterRates rates)
    implements OptimizerStep {
  /** The learning rate itself. */
  @Override
  public double rate() {
    return learningRate;
  }

  /** Nothing: 1. */
  @Override
  public double correction() {
    return 1;
  }
}
