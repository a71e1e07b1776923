package dev.impromptu.benchmarks;

import dev.impromptu.functional.Lstm;
import dev.impromptu.nn.LSTM;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** One step of one LSTM layer whose input is as wide as its state: {@code bench LstmCell}. */
public class LstmCellBenchmark extends DeviceBenchmark {
  /** Sequences computed together. */
  @Param({"1", "8", "64", "256"})
  public int batch = 1;

  /** Features of input and state. */
  @Param({"128", "256", "512"})
  public int hidden = 256;

  private LSTM layer;
  private Scope inputs;
  private Tensor x;
  private Lstm.State state;

  /** Default constructor, called by JMH. */
  public LstmCellBenchmark() {}

  /** Makes the layer and its input, and compares the step with the reference. */
  @Setup(Level.Trial)
  public void setUp() {
    check("lstm step", 2 * hidden, this::checkedStep);
    layer = layer(device());
    inputs = Scope.inference();
    x = random(device(), 2, batch, hidden);
    state = state(device());
  }

  private LSTM layer(Device device) {
    return new LSTM(device, hidden, hidden, 1, new PhiloxRandom(1));
  }

  private Lstm.State state(Device device) {
    return new Lstm.State(random(device, 3, 1, batch, hidden), random(device, 4, 1, batch, hidden));
  }

  private double[] checkedStep(Device device) {
    try (var _ = Scope.inference()) {
      Tensor input = random(device, 2, batch, hidden);
      return layer(device).step(input, state(device)).hidden().toDoubleArray();
    }
  }

  /** Gives the input back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    inputs.close();
  }

  /** One step. */
  @Benchmark
  public double step() {
    try (var _ = Scope.inference()) {
      return layer.step(x, state).hidden().sum().item();
    }
  }
}
