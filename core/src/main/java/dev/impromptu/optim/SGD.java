package dev.impromptu.optim;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.backend.ParameterRates;
import dev.impromptu.backend.SgdSlot;
import dev.impromptu.backend.SgdStep;
import dev.impromptu.nn.Module;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stochastic gradient descent with momentum (Sutskever et al., "On the importance of initialization
 * and momentum in deep learning", 2013); PyTorch's {@code optim.SGD} with its defaults. A parameter
 * whose first gradient comes after the first step begins with a dampened one, where PyTorch takes
 * it whole.
 */
public final class SGD extends GroupedOptimizer {
  private final Settings settings;

  /**
   * Makes the optimizer of all parameters of a model.
   *
   * @param groups parameters with a rate or decay of their own; the first that names one has it
   */
  public SGD(Module model, Settings settings, ParameterGroup... groups) {
    super(
        "SGD",
        model,
        settings.learningRate,
        settings.maxNorm,
        settings.weightDecay,
        List.of(groups),
        settings.momentum > 0 ? List.of("momentum_buffer") : List.of());
    this.settings = settings;
  }

  /**
   * What can be chosen.
   *
   * @param learningRate step size, above 0
   * @param momentum decay of the velocity, from 0 (none) to below 1
   * @param dampening what the gradient's share in the velocity falls short of 1
   * @param nesterov whether the gradient is looked ahead for; needs momentum and no dampening
   * @param weightDecay times the parameter, added to its gradient; at least 0
   * @param maxNorm the length allowed of the whole gradient, as PyTorch's {@code clip_grad_norm_};
   *     infinity for no limit
   */
  public record Settings(
      double learningRate,
      double momentum,
      double dampening,
      boolean nesterov,
      double weightDecay,
      double maxNorm) {
    /** PyTorch's. */
    public static final Settings DEFAULTS =
        new Settings(1e-3, 0, 0, false, 0, Double.POSITIVE_INFINITY);

    /** Checks the ranges stated above. */
    public Settings {
      requireRates("SGD", learningRate, maxNorm);
      Ranges.fraction("SGD: momentum", momentum);
      Ranges.finite("SGD: dampening", dampening);
      Ranges.notNegative("SGD: weight decay", weightDecay);
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw new IllegalArgumentException(
            "SGD: Nesterov's momentum needs a momentum above 0 and no dampening, met %s and %s"
                .formatted(momentum, dampening));
      }
    }

    /** PyTorch's defaults with that rate. */
    public static Settings of(double learningRate) {
      return new Settings(
          learningRate,
          DEFAULTS.momentum,
          DEFAULTS.dampening,
          DEFAULTS.nesterov,
          DEFAULTS.weightDecay,
          DEFAULTS.maxNorm);
    }

    /** With momentum. */
    public Settings withMomentum(double decay) {
      return new Settings(learningRate, decay, dampening, nesterov, weightDecay, maxNorm);
    }

    /** With dampened momentum. */
    public Settings withDampening(double share) {
      return new Settings(learningRate, momentum, share, nesterov, weightDecay, maxNorm);
    }

    /** With Nesterov's momentum. */
    public Settings withNesterov(double decay) {
      return new Settings(learningRate, decay, dampening, true, weightDecay, maxNorm);
    }

    /** With another weight decay. */
    public Settings withWeightDecay(double decay) {
      return new Settings(learningRate, momentum, dampening, nesterov, decay, maxNorm);
    }

    /** With the length of the whole gradient limited before each update. */
    public Settings withMaxNorm(double norm) {
      return new Settings(learningRate, momentum, dampening, nesterov, weightDecay, norm);
    }
  }

  @Override
  OptimizerStep at(double rate, long step, @Nullable GradientClip clip, ParameterRates of) {
    return new SgdStep(
        rate, settings.momentum, settings.dampening, settings.nesterov, step, clip, of);
  }

  @Override
  void update(Backend backend, OptimizerStep step, List<Update> updates) {
    backend.sgd(
        (SgdStep) step,
        updates.stream()
            .map(
                u ->
                    new SgdSlot(
                        u.parameter(),
                        u.gradient(),
                        settings.momentum > 0 ? u.memory().getFirst() : null))
            .toList());
  }
}
