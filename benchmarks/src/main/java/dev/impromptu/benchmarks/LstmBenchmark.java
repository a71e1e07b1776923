package dev.impromptu.benchmarks;

import dev.impromptu.nn.LSTM;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.Tolerance;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The LSTM stack of the original model: input 100, 3 layers, 32 steps.
 *
 * <p>Run it with {@code ./impromptu bench LstmBenchmark}; {@code -p batch=8} picks one size, {@code
 * -prof gc} shows the bytes allocated by a step.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xmx1g",
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED"
    })
public class LstmBenchmark {
  private static final int INPUT = 100;
  private static final int LAYERS = 3;
  private static final int TIME = 32;

  /** Which device computes. */
  @Param("cpu")
  public String backend = "cpu";

  /** Sequences computed together. */
  @Param({"1", "8", "64", "256"})
  public int batch;

  /** Features of a layer. */
  @Param({"128", "256", "512"})
  public int hidden;

  private Device device;
  private LSTM lstm;
  private Scope inputs;
  private Tensor x;

  /** Default constructor, called by JMH. */
  public LstmBenchmark() {}

  /** Makes the stack and its input, and compares one short sequence with the reference. */
  @Setup(Level.Trial)
  public void setUp() {
    device = Device.named(backend);
    lstm = new LSTM(device, INPUT, hidden, LAYERS, new PhiloxRandom(1));
    check();
    inputs = Scope.open();
    x = random(device, batch, TIME);
  }

  private void check() {
    var reference = new LSTM(Device.reference(), INPUT, hidden, LAYERS, new PhiloxRandom(1));
    try (var _ = Scope.open()) {
      Tensor met = lstm.forward(random(device, 1, 3)).y();
      Tensor expected = reference.forward(random(Device.reference(), 1, 3)).y();
      Tolerance.requireClose(
          "lstm on " + backend,
          met.toDoubleArray(),
          expected.toDoubleArray(),
          Tolerance.float32(3 * (INPUT + hidden)));
    }
  }

  private static Tensor random(Device device, int batch, int time) {
    var random = new PhiloxRandom(2);
    float[] values = new float[batch * time * INPUT];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(device, Shape.of(batch, time, INPUT), values);
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
