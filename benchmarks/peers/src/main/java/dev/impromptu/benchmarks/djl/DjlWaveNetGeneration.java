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

/** One note from a WaveNet, computed from the whole receptive field; nothing is recorded. */
final class DjlWaveNetGeneration implements Work {
  private final NDManager manager;
  private final DjlWaveNet model;
  private final long[] primer = Tokens.longs(Task.WAVENET.receptiveField(), 2);

  DjlWaveNetGeneration(Engine engine, Map<String, HostArray> values) {
    manager = engine.newBaseManager();
    model = new DjlWaveNet(new Weights(manager, values, false));
  }

  @Override
  public double[] results() {
    try (NDManager all = manager.newSubManager()) {
      return Weights.doubles(logits(all));
    }
  }

  @Override
  public void run() {
    try (NDManager all = manager.newSubManager()) {
      logits(all).argMax(1).toLongArray();
    }
  }

  private NDArray logits(NDManager all) {
    return model.lastLogits(all.create(primer, new Shape(1, primer.length)));
  }

  @Override
  public void close() {
    manager.close();
  }
}
