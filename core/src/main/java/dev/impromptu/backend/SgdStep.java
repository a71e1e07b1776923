package dev.impromptu.backend;

import org.jspecify.annotations.Nullable;

/**
 * One update by stochastic gradient descent with momentum (Sutskever et al., "On the importance of
 * initialization and momentum in deep learning", 2013), in the form of PyTorch's {@code optim.SGD}:
 * with {@code g} the limited gradient plus {@code weightDecay p}, {@code v = momentum v +
 * correction g} and {@code p -= scale learningRate (nesterov ? g + momentum v : v)}; without
 * momentum {@code p -= scale learningRate g}.
 *
 * @param learningRate step size
 * @param momentum decay of the velocity; 0 for none
 * @param dampening what the gradient's share in the velocity falls short of 1
 * @param nesterov whether the gradient is looked ahead for
 * @param step number of this update, from 1
 * @param clip limits the gradients first; absent for none
 * @param rates what the parameters at hand have of their own
 */
public record SgdStep(
    double learningRate,
    double momentum,
    double dampening,
    boolean nesterov,
    long step,
    @Nullable GradientClip clip,
    ParameterRates rates)
    implements OptimizerStep {
  /** The learning rate itself. */
  @Override
  public double rate() {
    return learningRate;
  }

  /** The gradient's share in the velocity: whole in the first step, {@code 1 - dampening} later. */
  @Override
  public double correction() {
    return step == 1 ? 1 : 1 - dampening;
  }
}
