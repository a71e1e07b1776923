package dev.impromptu.optim;

import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.Backend;
import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.backend.ParameterRates;
import dev.impromptu.nn.Module;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay regularization",
 * 2019); PyTorch's {@code optim.AdamW} with its defaults. Steps are counted as in {@link Adam}.
 */
public final class AdamW extends GroupedOptimizer {
  private final Settings settings;

  /**
   * Makes the optimizer of all parameters of a model.
   *
   * @param groups parameters with a rate or decay of their own; the first that names one has it
   */
  public AdamW(Module model, Settings settings, ParameterGroup... groups) {
    super(
        "AdamW",
        model,
        settings.learningRate,
        settings.maxNorm,
        settings.weightDecay,
        List.of(groups),
        Adam.MEMORY);
    this.settings = settings;
  }

  /**
   * What can be chosen.
   *
   * @param learningRate step size, above 0
   * @param beta1 decay of the mean of the gradients, from 0 to below 1
   * @param beta2 decay of the mean of their squares, from 0 to below 1
   * @param epsilon guard against division by zero, at least 0
   * @param weightDecay share of a parameter, times the learning rate, that is lost in each step
   * @param maxNorm the length allowed of the whole gradient, as PyTorch's {@code clip_grad_norm_};
   *     infinity for no limit
   */
  public record Settings(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      double maxNorm) {
    /** PyTorch's. */
    public static final Settings DEFAULTS =
        new Settings(1e-3, Adam.BETA1, Adam.BETA2, Adam.EPSILON, 1e-2, Double.POSITIVE_INFINITY);

    /** Checks the ranges stated above. */
    public Settings {
      requireRates("AdamW", learningRate, maxNorm);
      Ranges.fraction("AdamW: beta1", beta1);
      Ranges.fraction("AdamW: beta2", beta2);
      Ranges.notNegative("AdamW: epsilon", epsilon);
      Ranges.notNegative("AdamW: weight decay", weightDecay);
    }

    /** PyTorch's defaults with that rate. */
    public static Settings of(double learningRate) {
      return new Settings(
          learningRate,
          DEFAULTS.beta1,
          DEFAULTS.beta2,
          DEFAULTS.epsilon,
          DEFAULTS.weightDecay,
          DEFAULTS.maxNorm);
    }

    /** With other decays of the means. */
    public Settings withBetas(double first, double second) {
      return new Settings(learningRate, first, second, epsilon, weightDecay, maxNorm);
    }

    /** With another guard. */
    public Settings withEpsilon(double guard) {
      return new Settings(learningRate, beta1, beta2, guard, weightDecay, maxNorm);
    }

    /** With another weight decay. */
    public Settings withWeightDecay(double decay) {
      return new Settings(learningRate, beta1, beta2, epsilon, decay, maxNorm);
    }

    /** With the length of the whole gradient limited before each update. */
    public Settings withMaxNorm(double norm) {
      return new Settings(learningRate, beta1, beta2, epsilon, weightDecay, norm);
    }
  }

  @Override
  OptimizerStep at(double rate, long step, @Nullable GradientClip clip, ParameterRates of) {
    return new AdamStep(rate, settings.beta1, settings.beta2, settings.epsilon, step, clip, of);
  }

  @Override
  void update(Backend backend, OptimizerStep step, List<Update> updates) {
    backend.adam((AdamStep) step, Adam.slots(updates));
  }
}
