package dev.impromptu.optim;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.Backend;
import dev.impromptu.backend.GradientClip;
import dev.impromptu.nn.Module;
import dev.impromptu.nn.Parameter;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Gradients;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015); PyTorch's {@code
 * optim.Adam} with its defaults. Steps are counted for the optimizer as a whole: a parameter whose
 * gradient is missing for a while is corrected as if it had had one of zero.
 */
public final class Adam implements Optimizer {
  /** PyTorch's decay of the mean of the gradients. */
  public static final double BETA1 = 0.9;

  /** PyTorch's decay of the mean of their squares. */
  public static final double BETA2 = 0.999;

  /** PyTorch's guard against division by zero. */
  public static final double EPSILON = 1e-8;

  private final double maxNorm;
  private final SequencedMap<String, Moments> moments = new LinkedHashMap<>();
  private final Tensor norm;
  private double learningRate;
  private long steps;

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
    if (!(maxNorm > 0)) {
      throw new IllegalArgumentException(
          "Adam: the largest gradient norm " + maxNorm + " must be greater than 0");
    }
    this.maxNorm = maxNorm;
    if (!(learningRate > 0)) {
      throw new IllegalArgumentException(
          "Adam: learning rate " + learningRate + " must be greater than 0");
    }
    this.learningRate = learningRate;
    Module.parameters(model).forEach((name, parameter) -> moments.put(name, Moments.of(parameter)));
    if (moments.isEmpty()) {
      throw new IllegalArgumentException(
          "Adam: the model has no parameters; show them in its visit method");
    }
    norm = Tensor.lastingZeros(device(), Shape.of());
  }

  @Override
  public void learningRate(double rate) {
    if (!(rate >= 0)) {
      throw new IllegalArgumentException("Adam: learning rate " + rate + " must be at least 0");
    }
    learningRate = rate;
  }

  @Override
  public void step(Gradients gradients) {
    List<AdamSlot> slots = new ArrayList<>(moments.size());
    for (Moments each : moments.values()) {
      Tensor parameter = each.parameter.value();
      gradients
          .find(parameter)
          .ifPresent(
              gradient ->
                  slots.add(
                      new AdamSlot(
                          parameter.storage(),
                          gradient.storage(),
                          each.mean.storage(),
                          each.variance.storage())));
    }
    Backend backend = device().backend();
    if (maxNorm < Double.POSITIVE_INFINITY) {
      backend.norm(slots.stream().map(AdamSlot::gradient).toList(), norm.storage());
    }
    backend.adam(upcoming(), slots);
    steps++;
  }

  @Override
  public AdamStep upcoming() {
    GradientClip clip =
        maxNorm < Double.POSITIVE_INFINITY ? new GradientClip(norm.storage(), maxNorm) : null;
    return new AdamStep(learningRate, BETA1, BETA2, EPSILON, steps + 1, clip);
  }

  /**
   * The length of the whole gradient at the last step, before it was limited.
   *
   * @throws IllegalStateException when no limit was set: it is not computed then
   */
  public double gradientNorm() {
    if (maxNorm == Double.POSITIVE_INFINITY) {
      throw new IllegalStateException(
          "Adam: the gradient norm is computed only where it is limited; give a maxNorm");
    }
    return norm.item();
  }

  private Device device() {
    return moments.firstEntry().getValue().parameter.value().device();
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    moments.forEach(
        (name, each) -> {
          state.put(name + ".exp_avg", each.mean);
          state.put(name + ".exp_avg_sq", each.variance);
        });
    return state;
  }

  @Override
  public void resume(long stepsMade) {
    steps = stepsMade;
  }

  private record Moments(Parameter parameter, Tensor mean, Tensor variance) {
    static Moments of(Parameter parameter) {
      Tensor value = parameter.value();
      return new Moments(
          parameter,
          Tensor.lastingZeros(value.device(), value.shape()),
          Tensor.lastingZeros(value.device(), value.shape()));
    }
  }
}
