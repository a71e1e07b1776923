package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.Recording;
import dev.impromptu.backend.StepValues;
import dev.impromptu.functional.Mode;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.LookaheadObjective;
import dev.impromptu.music.model.SequenceModel;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The original project's whole training step: forward with dropout, loss, backward, Adam. The batch
 * lies on the device and nothing is read from it, so that the device's own time is measured.
 */
final class StepVariant implements Variant {
  private static final long SEED = 1;
  private static final double LEARNING_RATE = 1e-4;
  private static final int CHECKED_STEPS = 3;

  private final LookaheadObjective objective;
  private final WindowBatch windows;
  private final Adam adam;
  private final Scope memory = Scope.open();
  private final List<Tensor> inputs;
  private final Map<String, float[]> first;

  StepVariant(Device device, SequenceModel model, WindowBatch windows) {
    this.windows = windows;
    objective = Lookahead.SLIDE.objective(model, device, 1);
    adam = new Adam(objective.model(), LEARNING_RATE);
    inputs = objective.inputs(windows).stream().map(input -> input.on(device)).toList();
    first = values();
  }

  SequenceModel model() {
    return objective.model();
  }

  /** The loss without dropout. */
  double evaluate() {
    try (var _ = Scope.inference()) {
      return objective.measure(windows, Mode.EVALUATION).loss().item();
    }
  }

  /**
   * What some steps do to a model as it was first made; every backend draws the same dropout.
   *
   * <p>A loss falls by less in three steps than rounding to BF16 moves it, so it shows no gradient.
   * Adam's mean of the gradients, a tenth of the gradient after the first step, shows each of them;
   * how far a parameter moved is weighed by it, for where a gradient is next to zero Adam goes as
   * far, either way.
   */
  private List<Result> afterFirstSteps(Runnable step) {
    restore();
    float before = (float) evaluate();
    step.run();
    List<Result> results = new ArrayList<>();
    Map<String, float[]> gradients = new LinkedHashMap<>();
    for (String name : first.keySet()) {
      float[] gradient = memory(name, "exp_avg").toFloatArray();
      gradients.put(name, gradient);
      results.add(new Result("gradient of " + name, true, gradient));
    }
    for (int i = 1; i < CHECKED_STEPS; i++) {
      step.run();
    }
    values()
        .forEach(
            (name, values) -> {
              float[] began = Objects.requireNonNull(first.get(name));
              float[] weight = Objects.requireNonNull(gradients.get(name));
              float[] moved = new float[values.length];
              for (int i = 0; i < moved.length; i++) {
                moved[i] = (values[i] - began[i]) * weight[i];
              }
              results.add(new Result("moved " + name, true, moved));
            });
    results.add(new Result("losses", before, (float) evaluate()));
    return results;
  }

  /** Also between the calls of one recording, which keeps its places in memory. */
  private void restore() {
    Backend backend = objective.device().backend();
    Module.parameters(model())
        .forEach(
            (name, parameter) ->
                backend.write(
                    Objects.requireNonNull(first.get(name)), parameter.value().writable()));
    adam.state().values().forEach(part -> backend.fill(part.writable(), 0));
    adam.resume(0);
  }

  private Map<String, float[]> values() {
    Map<String, float[]> values = new LinkedHashMap<>();
    Module.parameters(model())
        .forEach((name, parameter) -> values.put(name, parameter.value().toFloatArray()));
    return values;
  }

  private Tensor memory(String name, String part) {
    return Objects.requireNonNull(adam.state().get(name + "." + part), name);
  }

  /** Everything that some steps change, for comparing bit by bit. */
  List<Result> afterSteps(int steps) {
    List<Result> results = new ArrayList<>();
    float[] losses = new float[steps];
    for (int i = 0; i < steps; i++) {
      losses[i] = (float) train();
    }
    results.add(new Result("losses", losses));
    values().forEach((name, values) -> results.add(new Result(name, values)));
    return results;
  }

  private double train() {
    try (var _ = Scope.open()) {
      var judged = objective.judge(inputs, Mode.training(SEED, adam.steps()));
      adam.step(judged.loss().backward());
      return judged.loss().item();
    }
  }

  @Override
  public List<Task> tasks() {
    return List.of(new Task("training step", List.of(this::step), this::afterFirstSteps));
  }

  private void step() {
    try (var _ = Scope.open()) {
      var judged = objective.judge(inputs, Mode.training(SEED, adam.steps()));
      adam.step(judged.loss().backward());
    }
  }

  @Override
  public Optional<Replay> record(Runnable call) {
    long steps = adam.steps();
    Optional<Recording> recording = objective.device().backend().record(stepValues(), call);
    // Recorded is not done.
    adam.resume(steps);
    return recording.map(Recorded::new);
  }

  private StepValues stepValues() {
    return new StepValues(adam.steps(), adam.upcoming());
  }

  private final class Recorded implements Replay {
    private final Recording recording;

    Recorded(Recording recording) {
      this.recording = recording;
    }

    @Override
    public void run() {
      recording.replay(stepValues());
      adam.resume(adam.steps() + 1);
    }

    @Override
    public void close() {
      recording.close();
    }
  }

  /** The model itself lasts as long as its device. */
  @Override
  public void close() {
    memory.close();
  }
}
