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
import java.util.Map;

/** A few notes, one after the other, from a network that keeps its state; nothing is recorded. */
final class DjlLstmGeneration implements Work {
  private final NDManager manager;
  private final DjlLstm model;

  DjlLstmGeneration(Engine engine, Task.LstmGeneration task, Map<String, HostArray> values) {
    manager = engine.newBaseManager();
    model = new DjlLstm(task.sizes(), new Weights(manager, values, false));
  }

  @Override
  public double[] results() {
    try (NDManager all = manager.newSubManager()) {
      NDList state = model.zeroState(all, 1);
      NDArray logits = all.create(0f);
      for (int token : Tokens.some(Task.CONTEXT, 2)) {
        NDList output = model.run(id(all, token), state, false);
        state = new NDList(output.get(1), output.get(2));
        logits = logits(output);
      }
      return Weights.doubles(logits);
    }
  }

  @Override
  public void run() {
    try (NDManager all = manager.newSubManager()) {
      NDList state = model.zeroState(all, 1);
      long token = 0;
      for (int note = 0; note < Task.CONTEXT; note++) {
        NDList output = model.run(id(all, token), state, false);
        state = new NDList(output.get(1), output.get(2));
        token = logits(output).argMax(1).toLongArray()[0];
      }
    }
  }

  private static NDArray id(NDManager manager, long token) {
    return manager.create(new long[] {token}, new Shape(1, 1));
  }

  private NDArray logits(NDList output) {
    return model.head(output.get(1).get(-1), false);
  }

  @Override
  public void close() {
    manager.close();
  }
}
