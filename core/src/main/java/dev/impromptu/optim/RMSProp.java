package dev.impromptu.optim;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.backend.ParameterRates;
import dev.impromptu.backend.RmsPropSlot;
import dev.impromptu.backend.RmsPropStep;
import dev.impromptu.nn.Module;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * RMSProp (Tieleman and Hinton, "Lecture 6.5", 2012; centered: Graves, "Generating sequences with
 * recurrent neural networks", 2013); PyTorch's {@code optim.RMSprop} with its defaults.
 */
public final class RMSProp extends GroupedOptimizer {
  private final Settings settings;

  /**
   * Makes the optimizer of all parameters of a model.
   *
   * @param groups parameters with a rate or decay of their own; the first that names one has it
   */
  public RMSProp(Module model, Settings settings, ParameterGroup... groups) {
    super(
        "RMSProp",
        model,
        settings.learningRate,
        settings.maxNorm,
        settings.weightDecay,
        List.of(groups),
        memory(settings));
    this.settings = settings;
  }

  /** In the order of a slot; what comes last may be absent. */
  private static List<String> memory(Settings settings) {
    List<String> memory = new ArrayList<>(List.of("square_avg"));
    if (settings.centered) {
      memory.add("grad_avg");
    }
    if (settings.momentum > 0) {
      memory.add("momentum_buffer");
    }
    return memory;
  }

  /**
   * What can be chosen.
   *
   * @param learningRate step size, above 0
   * @param alpha decay of the mean of the squares, from 0 to below 1
   * @param epsilon guard against division by zero, at least 0
   * @param weightDecay times the parameter, added to its gradient; at least 0
   * @param momentum decay of the velocity, from 0 (none) to below 1
   * @param centered whether the mean is taken off, so that what is divided by is the deviation
   * @param maxNorm the length allowed of the whole gradient, as PyTorch's {@code clip_grad_norm_};
   *     infinity for no limit
   */
  public record Settings(
      double learningRate,
      double alpha,
      double epsilon,
      double weightDecay,
      double momentum,
      boolean centered,
      double maxNorm) {
    /** PyTorch's. */
    public static final Settings DEFAULTS =
        new Settings(1e-2, 0.99, 1e-8, 0, 0, false, Double.POSITIVE_INFINITY);

    /** Checks the ranges stated above. */
    public Settings {
      requireRates("RMSProp", learningRate, maxNorm);
      Ranges.fraction("RMSProp: alpha", alpha);
      Ranges.notNegative("RMSProp: epsilon", epsilon);
      Ranges.notNegative("RMSProp: weight decay", weightDecay);
      Ranges.fraction("RMSProp: momentum", momentum);
    }

    /** PyTorch's defaults with that rate. */
    public static Settings of(double learningRate) {
      return new Settings(
          learningRate,
          DEFAULTS.alpha,
          DEFAULTS.epsilon,
          DEFAULTS.weightDecay,
          DEFAULTS.momentum,
          DEFAULTS.centered,
          DEFAULTS.maxNorm);
    }

    /** With another decay of the squares. */
    public Settings withAlpha(double decay) {
      return new Settings(learningRate, decay, epsilon, weightDecay, momentum, centered, maxNorm);
    }

    /** With another guard. */
    public Settings withEpsilon(double guard) {
      return new Settings(learningRate, alpha, guard, weightDecay, momentum, centered, maxNorm);
    }

    /** With another weight decay. */
    public Settings withWeightDecay(double decay) {
      return new Settings(learningRate, alpha, epsilon, decay, momentum, centered, maxNorm);
    }

    /** With momentum. */
    public Settings withMomentum(double decay) {
      return new Settings(learningRate, alpha, epsilon, weightDecay, decay, centered, maxNorm);
    }

    /** Divided by the deviation. */
    public Settings withCentering() {
      return new Settings(learningRate, alpha, epsilon, weightDecay, momentum, true, maxNorm);
    }

    /** With the length of the whole gradient limited before each update. */
    public Settings withMaxNorm(double norm) {
      return new Settings(learningRate, alpha, epsilon, weightDecay, momentum, centered, norm);
    }
  }

  @Override
  OptimizerStep at(double rate, long step, @Nullable GradientClip clip, ParameterRates of) {
    return new RmsPropStep(
        rate, settings.alpha, settings.epsilon, settings.momentum, step, clip, of);
  }

  @Override
  void update(Backend backend, OptimizerStep step, List<Update> updates) {
    backend.rmsProp((RmsPropStep) step, updates.stream().map(this::slot).toList());
  }

  private RmsPropSlot slot(Update update) {
    return new RmsPropSlot(
        update.parameter(),
        update.gradient(),
        update.memory().getFirst(),
        settings.centered ? update.memory().get(1) : null,
        settings.momentum > 0 ? update.memory().getLast() : null);
  }
}
