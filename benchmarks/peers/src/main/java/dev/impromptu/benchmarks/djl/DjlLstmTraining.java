package dev.impromptu.benchmarks.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.benchmarks.work.Tokens;
import dev.impromptu.benchmarks.work.Work;
import dev.impromptu.io.HostArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The original project's training step. */
final class DjlLstmTraining implements Work {
  private final Engine engine;
  private final Task.LstmTraining task;
  private final NDManager manager;
  private final Weights weights;
  private final AdamUpdate adam;
  private final DjlLstm model;
  private final List<long[]> x = new ArrayList<>();
  private final List<long[]> y = new ArrayList<>();
  private int steps;

  DjlLstmTraining(Engine engine, Task.LstmTraining task, Map<String, HostArray> values) {
    this.engine = engine;
    this.task = task;
    manager = engine.newBaseManager();
    weights = new Weights(manager, values, true);
    adam = new AdamUpdate(manager, weights, Task.LEARNING_RATE);
    model = new DjlLstm(task.sizes(), weights);
    for (int i = 0; i < Task.BATCHES; i++) {
      x.add(Tokens.longs(task.batch() * Task.CONTEXT, 2 * i));
      y.add(Tokens.longs(task.batch(), 2 * i + 1));
    }
  }

  @Override
  public double[] results() {
    double[] losses = new double[Task.CHECKED_STEPS];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = step(false, true);
    }
    return losses;
  }

  @Override
  public void run() {
    step(true, task.update());
  }

  private double step(boolean dropout, boolean update) {
    int at = steps++ % Task.BATCHES;
    try (NDManager step = manager.newSubManager();
        var collector = engine.newGradientCollector()) {
      NDArray ids = step.create(x.get(at), new Shape(task.batch(), Task.CONTEXT));
      NDList output = model.run(ids, model.zeroState(step, task.batch()), true);
      NDArray logits = model.head(output.get(1).get(-1), dropout);
      NDArray loss = CrossEntropy.of(logits, step.create(y.get(at)));
      collector.backward(loss);
      if (update) {
        adam.step(step);
      } else {
        weights.clearGradients();
      }
      // As our own step does, to count how many are right.
      logits.argMax(1).toLongArray();
      return loss.getFloat();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
