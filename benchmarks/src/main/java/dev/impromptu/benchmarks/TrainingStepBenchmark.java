package dev.impromptu.benchmarks;

import dev.impromptu.music.model.Architectures;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.SlidingObjective;
import dev.impromptu.music.model.WaveNetComposer;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * The whole training step of the original project's two models: forward with dropout, loss,
 * backward, Adam; windows of 32 notes. The LSTM has 1,508,289 parameters, the WaveNet 438,593.
 *
 * <p>{@code ./impromptu bench TrainingStepBenchmark -prof gc} shows milliseconds and the bytes that
 * all threads allocate for a step; a batch divided by the milliseconds gives windows a second.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 3)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xmx1g",
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED"
    })
public class TrainingStepBenchmark {
  private static final int VOCABULARY = 173;
  private static final int CONTEXT = 32;
  private static final double LEARNING_RATE = 1e-4;

  /** Which device computes. */
  @Param("cpu")
  public String backend = "cpu";

  /** Which network. */
  @Param({LstmComposer.NAME, WaveNetComposer.NAME})
  public String model = LstmComposer.NAME;

  /** Windows in a step. */
  @Param({"8", "64"})
  public int batch;

  private SlidingObjective objective;
  private Adam adam;
  private WindowBatch windows;

  /** Default constructor, called by JMH. */
  public TrainingStepBenchmark() {}

  /** Makes the model, and compares the loss of one window with the reference. */
  @Setup(Level.Trial)
  public void setUp() {
    objective = objective(Device.named(backend));
    adam = new Adam(objective.model(), LEARNING_RATE);
    Tolerance.requireClose(
        "loss on " + backend,
        new double[] {loss(objective)},
        new double[] {loss(objective(Device.reference()))},
        Tolerance.float32(3 * CONTEXT * 512));
    windows = windows(batch);
  }

  private SlidingObjective objective(Device device) {
    var sizes =
        model.equals(WaveNetComposer.NAME)
            ? WaveNetComposer.Sizes.original(VOCABULARY).toJson()
            : LstmComposer.Sizes.original(VOCABULARY).toJson();
    return new SlidingObjective(Architectures.build(device, sizes, 1), device, 1);
  }

  private static double loss(SlidingObjective objective) {
    try (var _ = Scope.inference()) {
      return objective.measure(windows(1), dev.impromptu.functional.Mode.EVALUATION).loss().item();
    }
  }

  private static WindowBatch windows(int size) {
    var random = new PhiloxRandom(2);
    int[] x = random.ints((long) size * CONTEXT, 0, VOCABULARY).toArray();
    int[] y = random.ints(size, 0, VOCABULARY).toArray();
    return new WindowBatch(size, CONTEXT, 1, x, y);
  }

  /** One step. */
  @Benchmark
  public double step() {
    try (var _ = Scope.open()) {
      var mode = dev.impromptu.functional.Mode.training(0, adam.steps());
      var outcome = objective.measure(windows, mode);
      adam.step(outcome.loss().backward());
      return outcome.loss().item();
    }
  }
}
