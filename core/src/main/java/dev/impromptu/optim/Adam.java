package dev.impromptu.optim;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.Backend;
import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.backend.ParameterRates;
import dev.impromptu.nn.Module;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015); PyTorch's {@code
 * optim.Adam} with its defaults. Steps are counted for the optimizer as a whole: a parameter whose
 * gradient is missing for a while is corrected as if it had had one of zero. It has no weight
 * decay, which {@link AdamW} does better: a group with one is refused.
 */
public final class Adam extends GroupedOptimizer {
  /** PyTorch's decay of the mean of the gradients. */
  public static final double BETA1 = 0.9;

  /** PyTorch's decay of the mean of their squares. */
  public static final double BETA2 = 0.999;

  /** PyTorch's guard against division by zero. */
  public static final double EPSILON = 1e-8;

  /** PyTorch's names of what is remembered. */
  static final List<String> MEMORY = List.of("exp_avg", "exp_avg_sq");

  private final Settings settings;

  /**
   * Makes the optimizer of all parameters of a model.
   *
   * @param groups parameters with a rate of their own, or frozen ones; the first that names one has
   *     it
   * @throws IllegalArgumentException when a group has a weight decay, which AdamW is for
   */
  public Adam(Module model, Settings settings, ParameterGroup... groups) {
    super(
        "Adam",
        model,
        settings.learningRate,
        settings.maxNorm,
        0,
        withoutDecay(List.of(groups)),
        MEMORY);
    this.settings = settings;
  }

  /**
   * Short for {@code Settings.of(learningRate)}.
   *
   * @param learningRate step size, above 0; PyTorch's default is 1e-3
   */
  public Adam(Module model, double learningRate) {
    this(model, Settings.of(learningRate));
  }

  /**
   * Short for {@code Settings.of(learningRate).withMaxNorm(maxNorm)}.
   *
   * @param learningRate step size, above 0
   * @param maxNorm the length allowed, above 0; infinity for no limit
   */
  public Adam(Module model, double learningRate, double maxNorm) {
    this(model, Settings.of(learningRate).withMaxNorm(maxNorm));
  }

  private static List<ParameterGroup> withoutDecay(List<ParameterGroup> groups) {
    for (ParameterGroup group : groups) {
      if (group.weightDecay() > 0) {
        throw new IllegalArgumentException(
            "Adam: a group has a weight decay of %s, but Adam has none; use AdamW, or a decay of 0"
                .formatted(group.weightDecay()));
      }
    }
    return groups;
  }

  /**
   * What can be chosen.
   *
   * @param learningRate step size, above 0
   * @param beta1 decay of the mean of the gradients, from 0 to below 1
   * @param beta2 decay of the mean of their squares, from 0 to below 1
   * @param epsilon guard against division by zero, at least 0
   * @param maxNorm the length allowed of the whole gradient, as PyTorch's {@code clip_grad_norm_};
   *     infinity for no limit
   */
  public record Settings(
      double learningRate, double beta1, double beta2, double epsilon, double maxNorm) {
    /** PyTorch's. */
    public static final Settings DEFAULTS =
        new Settings(1e-3, BETA1, BETA2, EPSILON, Double.POSITIVE_INFINITY);

    /** Checks the ranges stated above. */
    public Settings {
      requireRates("Adam", learningRate, maxNorm);
      Ranges.fraction("Adam: beta1", beta1);
      Ranges.fraction("Adam: beta2", beta2);
      Ranges.notNegative("Adam: epsilon", epsilon);
    }

    /** PyTorch's defaults with that rate. */
    public static Settings of(double learningRate) {
      return new Settings(
          learningRate, DEFAULTS.beta1, DEFAULTS.beta2, DEFAULTS.epsilon, DEFAULTS.maxNorm);
    }

    /** With other decays of the means. */
    public Settings withBetas(double first, double second) {
      return new Settings(learningRate, first, second, epsilon, maxNorm);
    }

    /** With another guard. */
    public Settings withEpsilon(double guard) {
      return new Settings(learningRate, beta1, beta2, guard, maxNorm);
    }

    /** With the length of the whole gradient limited before each update. */
    public Settings withMaxNorm(double norm) {
      return new Settings(learningRate, beta1, beta2, epsilon, norm);
    }
  }

  @Override
  OptimizerStep at(double rate, long step, @Nullable GradientClip clip, ParameterRates of) {
    return new AdamStep(rate, settings.beta1, settings.beta2, settings.epsilon, step, clip, of);
  }

  @Override
  void update(Backend backend, OptimizerStep step, List<Update> updates) {
    backend.adam((AdamStep) step, slots(updates));
  }

  static List<AdamSlot> slots(List<Update> updates) {
    return updates.stream()
        .map(u -> new AdamSlot(u.parameter(), u.gradient(), u.memory().get(0), u.memory().get(1)))
        .toList();
  }
}
