package dev.impromptu.optim;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.backend.OutOfDeviceMemoryException;
import dev.impromptu.backend.ParameterRates;
import dev.impromptu.backend.Storage;
import dev.impromptu.nn.Module;
import dev.impromptu.nn.Parameter;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Gradients;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What all optimizers have in common: groups of parameters, what is remembered of each, the limit
 * of the gradient's length, and the count of steps. A kind of optimizer adds its formula.
 *
 * <p>Steps are counted for the optimizer as a whole: a parameter whose gradient is missing for a
 * while is corrected as if it had had one of zero. A {@link ParameterGroup#frozen} parameter is no
 * part of it: nothing is remembered of it, and the limit of the length leaves it out.
 */
public abstract sealed class GroupedOptimizer implements Optimizer
    permits Adam, AdamW, RMSProp, SGD {
  private final String name;
  private final double maxNorm;
  private final SequencedMap<ParameterRates, List<Entry>> groups = new LinkedHashMap<>();
  private final Tensor norm;
  private double learningRate;
  private long steps;
  private boolean closed;

  /** A parameter and what is remembered of it, by PyTorch's name for that. */
  private record Entry(String name, Tensor parameter, SequencedMap<String, Tensor> memory) {}

  /** A parameter that has a gradient in this step. */
  record Update(Storage parameter, Storage gradient, List<Storage> memory) {}

  /**
   * Gathers the parameters.
   *
   * @param name in error messages
   * @param maxNorm the length allowed of the whole gradient; infinity for no limit
   * @param weightDecay of the parameters that no group names
   * @param memory PyTorch's names of what is remembered of a parameter
   */
  GroupedOptimizer(
      String name,
      Module model,
      double learningRate,
      double maxNorm,
      double weightDecay,
      List<ParameterGroup> own,
      List<String> memory) {
    this.name = name;
    requireRates(name, learningRate, maxNorm);
    this.maxNorm = maxNorm;
    this.learningRate = learningRate;
    Set<Parameter> met = new HashSet<>();
    Module.parameters(model)
        .forEach(
            (parameter, value) -> {
              ParameterRates rates = rates(parameter, weightDecay, own);
              // One that modules share is moved once, under the first of its names.
              if (met.add(value) && rates.scale() > 0) {
                groups
                    .computeIfAbsent(rates, _ -> new ArrayList<>())
                    .add(entry(parameter, value, memory));
              }
            });
    if (met.isEmpty()) {
      throw new IllegalArgumentException(
          name + ": the model has no parameters; show them in its visit method");
    }
    if (groups.isEmpty()) {
      throw new IllegalArgumentException(
          name
              + ": every parameter of the model is frozen by a group of rate scale 0; leave some"
              + " that learn");
    }
    norm = Tensor.lastingZeros(device(), Shape.of());
  }

  /** What every kind's settings have. */
  static void requireRates(String name, double learningRate, double maxNorm) {
    Ranges.positive(name + ": learning rate", learningRate);
    Ranges.positive(name + ": the largest gradient norm", maxNorm);
  }

  private static ParameterRates rates(
      String parameter, double weightDecay, List<ParameterGroup> own) {
    return own.stream()
        .filter(group -> group.names().test(parameter))
        .findFirst()
        .map(group -> new ParameterRates(group.rateScale(), group.weightDecay()))
        .orElseGet(() -> new ParameterRates(1, weightDecay));
  }

  private static Entry entry(String name, Parameter parameter, List<String> memory) {
    Tensor value = parameter.value();
    SequencedMap<String, Tensor> remembered = new LinkedHashMap<>();
    for (String part : memory) {
      remembered.put(part, Tensor.lastingZeros(value.device(), value.shape()));
    }
    return new Entry(name, value, remembered);
  }

  /** The kind's step at these values. */
  abstract OptimizerStep at(double rate, long step, @Nullable GradientClip clip, ParameterRates of);

  /** Asks the backend for the update of one group. */
  abstract void update(Backend backend, OptimizerStep step, List<Update> updates);

  @Override
  public final void step(Gradients gradients) {
    if (closed) {
      throw new IllegalStateException(
          name + ": it was closed and makes no step any more; make another of the model");
    }
    SequencedMap<ParameterRates, List<Update>> updates = new LinkedHashMap<>();
    groups.forEach((rates, entries) -> updates.put(rates, updates(entries, gradients)));
    Device device = device();
    try {
      update(device.backend(), updates);
    } catch (OutOfDeviceMemoryException e) {
      throw device.explained(e);
    }
    steps++;
  }

  private void update(Backend backend, SequencedMap<ParameterRates, List<Update>> updates) {
    if (maxNorm < Double.POSITIVE_INFINITY) {
      backend.norm(
          updates.values().stream().flatMap(List::stream).map(Update::gradient).toList(),
          norm.storage());
    }
    updates.forEach((rates, group) -> update(backend, at(rates), group));
  }

  private static List<Update> updates(List<Entry> entries, Gradients gradients) {
    List<Update> updates = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      gradients
          .find(entry.parameter)
          .ifPresent(
              gradient ->
                  updates.add(
                      new Update(
                          entry.parameter.writable(),
                          gradient.storage(),
                          entry.memory.values().stream().map(Tensor::storage).toList())));
    }
    return updates;
  }

  @Override
  public final OptimizerStep upcoming() {
    return at(ParameterRates.PLAIN);
  }

  private OptimizerStep at(ParameterRates rates) {
    GradientClip clip =
        maxNorm < Double.POSITIVE_INFINITY ? new GradientClip(norm.storage(), maxNorm) : null;
    return at(learningRate, steps + 1, clip, rates);
  }

  /**
   * The length of the whole gradient at the last step, before it was limited.
   *
   * @throws IllegalStateException when no limit was set: it is not computed then
   */
  public final double gradientNorm() {
    if (maxNorm == Double.POSITIVE_INFINITY) {
      throw new IllegalStateException(
          name + ": the gradient norm is computed only where it is limited; give a maxNorm");
    }
    return norm.item();
  }

  private Device device() {
    return groups.firstEntry().getValue().getFirst().parameter.device();
  }

  @Override
  public final void learningRate(double rate) {
    Ranges.notNegative(name + ": learning rate", rate);
    learningRate = rate;
  }

  @Override
  public final double learningRate() {
    return learningRate;
  }

  @Override
  public final long steps() {
    return steps;
  }

  @Override
  public final SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    for (List<Entry> entries : groups.values()) {
      for (Entry entry : entries) {
        for (Map.Entry<String, Tensor> part : entry.memory.entrySet()) {
          state.put(entry.name + "." + part.getKey(), part.getValue());
        }
      }
    }
    return state;
  }

  @Override
  public final void resume(long stepsMade) {
    steps = stepsMade;
  }

  @Override
  public final void close() {
    closed = true;
    state().values().forEach(Tensor::close);
    norm.close();
  }
}
