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
 * decay, which {@link AdamW} does better.
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

  /**
   * Makes the optimizer of all parameters of a model.
   *
   * @param learningRate step size, above 0; PyTorch's default is 1e-3
   */
  public Adam(Module model, double learningRate) {
    this(model, learningRate, Double.POSITIVE_INFINITY);
  }

  /**
   * Makes one that limits the length of the whole gradient before each update, as PyTorch's {@code
   * clip_grad_norm_}.
   *
   * @param learningRate step size, above 0
   * @param maxNorm the length allowed, above 0; infinity for no limit
   */
  public Adam(Module model, double learningRate, double maxNorm) {
    super("Adam", model, learningRate, maxNorm, 0, List.of(), MEMORY);
  }

  @Override
  OptimizerStep at(double rate, long step, @Nullable GradientClip clip, ParameterRates of) {
    return new AdamStep(rate, BETA1, BETA2, EPSILON, step, clip, of);
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
