package dev.impromptu.benchmarks.work;

import dev.impromptu.functional.Mode;
import dev.impromptu.io.HostArray;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.LookaheadObjective;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.optim.Adam;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The original project's training step. */
final class LstmTrainingWork implements OwnWork {
  private final LookaheadObjective objective;
  private final Adam adam;
  private final List<WindowBatch> windows = new ArrayList<>();
  private final boolean update;
  private int steps;

  LstmTrainingWork(Device device, Task.LstmTraining task) {
    objective = Lookahead.SLIDE.objective(new LstmComposer(device, task.sizes(), 1), device, 1);
    adam = new Adam(objective.model(), Task.LEARNING_RATE);
    for (int i = 0; i < Task.BATCHES; i++) {
      int[] x = Tokens.some(task.batch() * Task.CONTEXT, 2 * i);
      windows.add(
          new WindowBatch(
              task.batch(),
              Task.CONTEXT,
              1,
              x,
              new int[0],
              Tokens.some(task.batch(), 2 * i + 1),
              new boolean[0]));
    }
    update = task.update();
  }

  @Override
  public Map<String, HostArray> weights() {
    return OwnWork.weightsOf(objective.model());
  }

  /** The loss of some steps without dropout: each shows the gradients of the one before. */
  @Override
  public double[] results() {
    double[] losses = new double[Task.CHECKED_STEPS];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = step(Mode.EVALUATION, true);
    }
    return losses;
  }

  @Override
  public void run() {
    step(Mode.training(0, steps), update);
  }

  private double step(Mode mode, boolean withUpdate) {
    WindowBatch batch = windows.get(steps++ % windows.size());
    try (var _ = Scope.open()) {
      var outcome = objective.measure(batch, mode);
      var gradients = outcome.loss().backward();
      if (withUpdate) {
        adam.step(gradients);
      }
      return outcome.loss().item();
    }
  }

  @Override
  public void close() {
    // The model lasts as long as its device.
  }
}
