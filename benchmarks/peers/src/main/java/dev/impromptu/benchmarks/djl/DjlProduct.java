package dev.impromptu.benchmarks.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.impromptu.benchmarks.work.Work;
import dev.impromptu.io.HostArray;
import java.util.Map;

/** One product of square matrices. */
final class DjlProduct implements Work {
  private final NDManager manager;
  private final NDArray a;
  private final NDArray b;

  DjlProduct(Engine engine, Map<String, HostArray> values) {
    manager = engine.newBaseManager();
    var weights = new Weights(manager, values, false);
    a = weights.of("a");
    b = weights.of("b");
  }

  @Override
  public double[] results() {
    try (NDArray product = a.matMul(b)) {
      return Weights.doubles(product);
    }
  }

  @Override
  public void run() {
    a.matMul(b).close();
  }

  @Override
  public void close() {
    manager.close();
  }
}
