package dev.impromptu.benchmarks;

import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Products of matrices, among them those of an LSTM's gates: {@code bench Product}. */
public class ProductBenchmark extends DeviceBenchmark {
  /** Rows, terms of a sum, columns. */
  @Param({"8x256x1024", "64x256x1024", "256x256x1024", "2048x256x1024", "1024x1024x1024"})
  public String shape = "8x256x1024";

  private Scope inputs;
  private Tensor a;
  private Tensor b;

  /** Default constructor, called by JMH. */
  public ProductBenchmark() {}

  /** Makes the matrices, and compares the product with the reference. */
  @Setup(Level.Trial)
  public void setUp() {
    check("product " + shape, size(1), this::product);
    inputs = Scope.inference();
    a = left(device());
    b = right(device());
  }

  private int size(int index) {
    return Integer.parseInt(shape.split("x")[index]);
  }

  private Tensor left(Device device) {
    return random(device, 1, size(0), size(1));
  }

  private Tensor right(Device device) {
    return random(device, 2, size(1), size(2));
  }

  private double[] product(Device device) {
    try (var _ = Scope.inference()) {
      return left(device).matmul(right(device)).toDoubleArray();
    }
  }

  /** Gives the matrices back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    inputs.close();
  }

  /** One product; its first element is read, so that a device that works on its own has ended. */
  @Benchmark
  public double product() {
    try (var _ = Scope.inference()) {
      return a.matmul(b).select(0, 0).select(0, 0).item();
    }
  }
}
