package dev.impromptu.train;

import dev.impromptu.data.Examples;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Dropout;
import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.AdamW;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains a small LSTM for many steps and prints twenty lines: steps made, bytes of live objects,
 * KiB of the machine's memory (0 where the system does not tell). A process of its own, so that
 * nothing else is measured; {@link SoakTest} starts it.
 */
final class SoakProgram {
  static final int SAMPLES = 20;

  private static final int BATCH = 4;
  private static final int TIME = 6;
  private static final int STEPS_PER_EPOCH = 100;
  private static final Path STATUS = Path.of("/proc/self/status");

  /** What keeps every step's first tensor where the test wants to see a leak. */
  private static final List<Object> LEAKED = new ArrayList<>();

  private SoakProgram() {}

  /** Sequences of numbers, and whether their sum is above zero. */
  private record Sums(int size, long seed) implements Examples<Sums.Batch> {
    private record Batch(float[] x, int[] positive) {}

    @Override
    public Batch batch(int[] indices) {
      float[] x = new float[indices.length * TIME];
      int[] positive = new int[indices.length];
      for (int i = 0; i < indices.length; i++) {
        var random = new PhiloxRandom(seed, indices[i]);
        float sum = 0;
        for (int t = 0; t < TIME; t++) {
          x[i * TIME + t] = 2 * random.nextFloat() - 1;
          sum += x[i * TIME + t];
        }
        positive[i] = sum > 0 ? 1 : 0;
      }
      return new Batch(x, positive);
    }
  }

  /**
   * Runs.
   *
   * @param arguments the number of steps, and {@code leak} to keep something of each
   */
  public static void main(String[] arguments) {
    int steps = Integer.parseInt(arguments[0]);
    boolean leak = arguments.length > 1;
    Device device = Device.cpu();
    var lstm = new LSTM(device, 1, 8, 2, new PhiloxRandom(1));
    var head = new Linear(device, 8, 2, new PhiloxRandom(2));
    Module model =
        v -> {
          v.child("lstm", lstm);
          v.child("head", head);
        };
    Objective<Sums.Batch> objective =
        (batch, mode) -> {
          int size = batch.positive.length;
          Tensor x = Tensor.of(device, Shape.of(size, TIME, 1), batch.x);
          if (leak) {
            LEAKED.add(x);
          }
          Tensor last = lstm.forward(x).y().select(1, -1);
          Tensor logits = head.forward(Dropout.dropout(last, 0.1, mode));
          Tensor targets = Tensor.ofInts(device, Shape.of(size), batch.positive);
          return new Objective.Outcome(CrossEntropy.crossEntropy(logits, targets), 0, size);
        };
    var optimizer = new AdamW(model, AdamW.Settings.DEFAULTS.withMaxNorm(1));
    TrainingListener sampling =
        new TrainingListener() {
          @Override
          public void onStep(TrainingState state) {
            if (optimizer.steps() % (steps / SAMPLES) == 0) {
              System.out.printf("%d %d %d%n", optimizer.steps(), liveBytes(), residentKiB());
            }
          }
        };
    new Trainer<Sums.Batch>(optimizer, BATCH, 0, TrainingState.START, List.of(sampling))
        .fit(
            objective,
            new Sums(BATCH * STEPS_PER_EPOCH, 1),
            new Sums(BATCH, 2),
            steps / STEPS_PER_EPOCH);
  }

  private static long liveBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static long residentKiB() {
    if (!Files.exists(STATUS)) {
      return 0;
    }
    try (var lines = Files.lines(STATUS, StandardCharsets.US_ASCII)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
