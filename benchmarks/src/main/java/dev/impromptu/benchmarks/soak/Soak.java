package dev.impromptu.benchmarks.soak;

import dev.impromptu.benchmarks.compare.OtherLoad;
import dev.impromptu.benchmarks.work.OwnWork;
import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Trains the original's model for as long as it is told, and writes down speed and memory. */
public final class Soak {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int STRETCHES = 180;
  private static final double LONGEST_STRETCH = 10;
  private static final int BATCH = 64;

  private Soak() {}

  /**
   * Runs; exit status 1 where speed or memory did not stay flat, 2 where so few minutes show
   * neither.
   *
   * @param arguments the file to write to, and minutes
   */
  public static void main(String[] arguments) throws IOException {
    double seconds = 60 * Double.parseDouble(arguments[1]);
    if (!(seconds >= Verdict.LEAST_SECONDS)) {
      System.err.printf(
          "bench --soak: expected at least %.0f seconds, of which the first %.0f do not count, but got %s minutes%n",
          Verdict.LEAST_SECONDS, Verdict.WARM_UP_SECONDS, arguments[1]);
      System.exit(2);
    }
    var task = new Task.LstmTraining(LstmComposer.Sizes.original(Task.VOCABULARY), BATCH, true);
    List<Sample> samples = run(task, seconds, Path.of(arguments[0]));
    Verdict verdict = Verdict.of(samples);
    System.out.println(verdict.words());
    System.exit(verdict.speedIsFlat() && verdict.memoryIsFlat() ? 0 : 1);
  }

  static List<Sample> run(Task task, double seconds, Path file) throws IOException {
    double stretch = Math.min(LONGEST_STRETCH, seconds / STRETCHES);
    List<Sample> samples = new ArrayList<>();
    try (OwnWork work = task.on(Device.cpu());
        var out = new PrintWriter(Files.newBufferedWriter(file), true)) {
      out.println(Sample.HEADER);
      long start = System.nanoTime();
      while (since(start) < seconds) {
        Sample sample = stretch(work, task.items(), start, stretch);
        samples.add(sample);
        out.println(sample.line());
      }
    }
    return samples;
  }

  private static Sample stretch(OwnWork work, double items, long start, double seconds)
      throws IOException {
    var others = new OtherLoad();
    others.begin();
    long begin = System.nanoTime();
    int runs = 0;
    while (runs == 0 || since(begin) < seconds) {
      work.run();
      runs++;
    }
    double speed = runs * items / since(begin);
    double otherLoad = others.end();
    Runtime runtime = Runtime.getRuntime();
    return new Sample(
        since(start),
        speed,
        (runtime.totalMemory() - runtime.freeMemory()) / 0x1p20,
        residentMiB(),
        otherLoad);
  }

  private static double since(long nanos) {
    return (System.nanoTime() - nanos) * 1e-9;
  }

  /** 0 where the system does not tell. */
  private static double residentMiB() throws IOException {
    if (!Files.exists(STATUS)) {
      return 0;
    }
    try (var lines = Files.lines(STATUS, StandardCharsets.US_ASCII)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(0);
    }
  }
}
