package dev.impromptu.benchmarks.gpu;

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
import java.util.List;
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

  StepVariant(Device device, SequenceModel model, WindowBatch windows) {
    this.windows = windows;
    objective = Lookahead.SLIDE.objective(model, device, 1);
    adam = new Adam(objective.model(), LEARNING_RATE);
    inputs = objective.inputs(windows).stream().map(input -> input.on(device)).toList();
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

  private double train() {
    try (var _ = Scope.open()) {
      var judged = objective.judge(inputs, Mode.training(SEED, adam.steps()));
      adam.step(judged.loss().backward());
      return judged.loss().item();
    }
  }

  /** The loss before some steps and that of each; every backend draws the same dropout. */
  @Override
  public List<Result> results() {
    float[] losses = new float[1 + CHECKED_STEPS];
    losses[0] = (float) evaluate();
    for (int i = 1; i < losses.length; i++) {
      losses[i] = (float) train();
    }
    return List.of(new Result("losses", losses));
  }

  /** Everything that some steps change, for comparing bit by bit. */
  List<Result> afterSteps(int steps) {
    List<Result> results = new ArrayList<>();
    float[] losses = new float[steps];
    for (int i = 0; i < steps; i++) {
      losses[i] = (float) train();
    }
    results.add(new Result("losses", losses));
    Module.parameters(model())
        .forEach(
            (name, parameter) -> results.add(new Result(name, parameter.value().toFloatArray())));
    return results;
  }

  @Override
  public List<Task> tasks() {
    return List.of(new Task("training step", List.of(this::step)));
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
    Optional<Recording> recording = objective.device().backend().record(values(), call);
    // Recorded is not done.
    adam.resume(steps);
    return recording.map(Recorded::new);
  }

  private StepValues values() {
    return new StepValues(adam.steps(), adam.upcoming());
  }

  private final class Recorded implements Replay {
    private final Recording recording;

    Recorded(Recording recording) {
      this.recording = recording;
    }

    @Override
    public void run() {
      recording.replay(values());
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
