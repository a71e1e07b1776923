package dev.impromptu.benchmarks.work;

import dev.impromptu.io.HostArray;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Map;

/** One product of square matrices. */
final class ProductWork implements OwnWork {
  private final Device device;
  private final int size;
  private final Scope memory = Scope.inference();
  private final Tensor a;
  private final Tensor b;

  ProductWork(Device device, Task.Product task) {
    this.device = device;
    size = task.size();
    a = matrix(1);
    b = matrix(2);
  }

  private Tensor matrix(long seed) {
    var random = new PhiloxRandom(seed);
    float[] values = new float[size * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble() - 0.5f;
    }
    return Tensor.of(device, Shape.of(size, size), values);
  }

  @Override
  public Map<String, HostArray> weights() {
    return Map.of(
        "a", HostArray.of(a.toFloatArray(), size, size),
        "b", HostArray.of(b.toFloatArray(), size, size));
  }

  @Override
  public double[] results() {
    try (var _ = Scope.inference()) {
      return a.matmul(b).toDoubleArray();
    }
  }

  @Override
  public void run() {
    try (var _ = Scope.inference()) {
      a.matmul(b).close();
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
