package dev.impromptu.benchmarks;

import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.music.model.Architectures;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.LookaheadObjective;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.WaveNetComposer;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * The whole training step of the original project's two models: forward with dropout, loss,
 * backward, Adam; windows of 32 notes. The LSTM has 1,508,289 parameters, the WaveNet 438,593.
 *
 * <p>{@code ./impromptu bench TrainingStepBenchmark -prof gc} shows milliseconds and the bytes that
 * all threads allocate for a step; a batch divided by the milliseconds gives windows a second.
 */
public class TrainingStepBenchmark extends DeviceBenchmark {
  private static final int VOCABULARY = 173;
  private static final int CONTEXT = 32;
  private static final double LEARNING_RATE = 1e-4;
  private static final long FIRST_SEED = 2;

  /** Which network. */
  @Param({LstmComposer.NAME, WaveNetComposer.NAME})
  public String model = LstmComposer.NAME;

  /** Windows in a step. */
  @Param({"8", "64", "256"})
  public int batch;

  private LookaheadObjective objective;
  private Adam adam;
  private List<WindowBatch> windows = List.of();

  /** Default constructor, called by JMH. */
  public TrainingStepBenchmark() {}

  /** Makes the model, and compares loss and gradients of some windows with the reference. */
  @Setup(Level.Trial)
  public void setUp() {
    check("loss", 3 * CONTEXT * 512, on -> learned(objective(on)));
    objective = objective(device());
    adam = new Adam(objective.model(), LEARNING_RATE);
    windows =
        IntStream.range(0, Task.BATCHES).mapToObj(i -> windows(batch, FIRST_SEED + i)).toList();
  }

  private LookaheadObjective objective(Device device) {
    var sizes =
        model.equals(WaveNetComposer.NAME)
            ? WaveNetComposer.Sizes.original(VOCABULARY).toJson()
            : LstmComposer.Sizes.original(VOCABULARY).toJson();
    return Lookahead.SLIDE.objective(Architectures.build(device, sizes, 1), device, 1);
  }

  private static double[] learned(LookaheadObjective objective) {
    try (var _ = Scope.open()) {
      var outcome =
          objective.measure(windows(2, FIRST_SEED), dev.impromptu.functional.Mode.EVALUATION);
      return learned(objective.model(), outcome.loss());
    }
  }

  private static WindowBatch windows(int size, long seed) {
    var random = new PhiloxRandom(seed);
    int[] x = random.ints((long) size * CONTEXT, 0, VOCABULARY).toArray();
    int[] y = random.ints(size, 0, VOCABULARY).toArray();
    return new WindowBatch(size, CONTEXT, 1, x, new int[0], y, new boolean[0]);
  }

  private WindowBatch next() {
    return windows.get((int) (adam.steps() % windows.size()));
  }

  /** One step, on the next batch. */
  @Benchmark
  public double step() {
    try (var _ = Scope.open()) {
      var mode = dev.impromptu.functional.Mode.training(0, adam.steps());
      var outcome = objective.measure(next(), mode);
      adam.step(outcome.loss().backward());
      return outcome.loss().item();
    }
  }
}
