package dev.impromptu.benchmarks.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.benchmarks.work.Tokens;
import dev.impromptu.benchmarks.work.Work;
import dev.impromptu.io.HostArray;
import java.util.Map;

/** Forward, the loss of every time step, backward, Adam. */
final class DjlWaveNetTraining implements Work {
  private final Engine engine;
  private final Task.WaveNetTraining task;
  private final NDManager manager;
  private final AdamUpdate adam;
  private final DjlWaveNet model;
  private final long[] x;
  private final long[] y;

  DjlWaveNetTraining(Engine engine, Task.WaveNetTraining task, Map<String, HostArray> values) {
    this.engine = engine;
    this.task = task;
    manager = engine.newBaseManager();
    var weights = new Weights(manager, values, true);
    adam = new AdamUpdate(manager, weights, Task.LEARNING_RATE);
    model = new DjlWaveNet(weights);
    x = Tokens.longs(task.batch() * task.time(), 2);
    y = Tokens.longs(task.batch() * task.time(), 3);
  }

  @Override
  public double[] results() {
    double[] losses = new double[Task.CHECKED_STEPS];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = step();
    }
    return losses;
  }

  @Override
  public void run() {
    step();
  }

  private double step() {
    try (NDManager step = manager.newSubManager();
        var collector = engine.newGradientCollector()) {
      var shape = new Shape(task.batch(), task.time());
      NDArray logits = model.logits(step.create(x, shape));
      NDArray loss = CrossEntropy.of(logits, step.create(y, shape));
      collector.backward(loss);
      adam.step(step);
      return loss.getFloat();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
