package dev.impromptu.benchmarks;

import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Gradients;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Adam's update of the 1,419,264 weights of the original's LSTM stack: {@code bench Adam}. */
public class AdamBenchmark extends DeviceBenchmark {
  private static final int CHECKED_STEPS = 3;

  private Scope inputs;
  private Adam adam;
  private Gradients gradients;
  private Tensor bias;

  /** Default constructor, called by JMH. */
  public AdamBenchmark() {}

  /** Makes weights and gradients, and compares small ones with the reference after some steps. */
  @Setup(Level.Trial)
  public void setUp() {
    check("Adam", 64, AdamBenchmark::updated);
    inputs = Scope.open();
    LSTM lstm = new LSTM(device(), 100, 256, 3, new PhiloxRandom(1));
    adam = new Adam(lstm, 1e-4);
    bias = Module.parameters(lstm).lastEntry().getValue().value();
    gradients = lstm.forward(random(device(), 2, 1, 2, 100)).y().sum().backward();
  }

  private static double[] updated(Device device) {
    LSTM lstm = new LSTM(device, 5, 8, 2, new PhiloxRandom(1));
    var adam = new Adam(lstm, 1e-2);
    for (int i = 0; i < CHECKED_STEPS; i++) {
      try (var _ = Scope.open()) {
        Tensor y = lstm.forward(random(device, 2, 3, 4, 5)).y();
        adam.step(y.times(y).sum().backward());
      }
    }
    return Module.parameters(lstm).values().stream()
        .flatMapToDouble(parameter -> Arrays.stream(parameter.value().toDoubleArray()))
        .toArray();
  }

  /** Gives the gradients back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    inputs.close();
  }

  /** One update; a weight is read, so that a device that works on its own has ended. */
  @Benchmark
  public double step() {
    adam.step(gradients);
    try (var _ = Scope.inference()) {
      return bias.select(0, 0).item();
    }
  }
}
