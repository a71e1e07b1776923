package dev.impromptu.benchmarks;

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

/**
 * The LSTM stack of the original model: input 100, 3 layers, 32 steps.
 *
 * <p>Run it with {@code ./impromptu bench LstmBenchmark}; {@code -p batch=8} picks one size, {@code
 * -prof gc} shows the bytes allocated by a step.
 */
public class LstmBenchmark extends DeviceBenchmark {
  private static final int INPUT = 100;
  private static final int LAYERS = 3;
  private static final int TIME = 32;

  /** Sequences computed together. */
  @Param({"1", "8", "64", "256"})
  public int batch;

  /** Features of a layer. */
  @Param({"128", "256", "512"})
  public int hidden;

  private LSTM lstm;
  private Scope inputs;
  private Tensor x;

  /** Default constructor, called by JMH. */
  public LstmBenchmark() {}

  /** Makes the stack and its input, and compares some short sequences with the reference. */
  @Setup(Level.Trial)
  public void setUp() {
    check("lstm", 3 * (INPUT + hidden), this::checked);
    lstm = lstm(device());
    inputs = Scope.open();
    x = random(device(), 2, batch, TIME, INPUT);
  }

  /**
   * Eight sequences of five steps are 40 rows: more than 32, so that weights are packed as in what
   * is timed.
   */
  private double[] checked(Device on) {
    LSTM checked = lstm(on);
    try (var _ = Scope.open()) {
      Tensor y = checked.forward(random(on, 2, 8, 5, INPUT)).y();
      return learned(checked, y.square().mean());
    }
  }

  private LSTM lstm(Device on) {
    return new LSTM(on, INPUT, hidden, LAYERS, new PhiloxRandom(1));
  }

  /** Gives the input back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    inputs.close();
  }

  /** The outputs alone. */
  @Benchmark
  public double forward() {
    try (var _ = Scope.inference()) {
      return lstm.forward(x).state().hidden().sum().item();
    }
  }

  /** The outputs and the gradients of all weights. */
  @Benchmark
  public double forwardBackward() {
    try (var _ = Scope.open()) {
      Tensor loss = lstm.forward(x).state().hidden().select(0, -1).sum();
      int gradients = loss.backward().size();
      // Read last: a device that works on its own has then done everything.
      return gradients + loss.item();
    }
  }
}
