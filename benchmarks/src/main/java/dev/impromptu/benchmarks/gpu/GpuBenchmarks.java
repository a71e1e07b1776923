package dev.impromptu.benchmarks.gpu;

import dev.impromptu.cuda.driver.CudaException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Times Impromptu on a GPU and writes one table. Exit status 0 when everything of Impromptu's own
 * worked, 1 when something of it was wrong or failed, 2 when nothing could be timed.
 */
public final class GpuBenchmarks {
  private GpuBenchmarks() {}

  /** Runs what the words ask for. */
  public static void main(String[] words) throws IOException {
    if (List.of(words).contains("--help")) {
      System.out.print(Options.USAGE);
      return;
    }
    Options options;
    try {
      options = Options.of(words);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    System.exit(run(options, System.out, System.err));
  }

  static int run(Options options, PrintStream out, PrintStream progress) throws IOException {
    try (Chip chip = options.device().equals("cpu") ? new HostChip() : new CudaChip()) {
      var report = new Report(chip.warning(), progress);
      report.header("date: " + Instant.now().truncatedTo(ChronoUnit.SECONDS));
      chip.description().forEach(report::header);
      report.header("state before: " + state());
      int status = 0;
      try {
        measure(chip, options, report);
        status = report.isMistaken() ? 1 : 0;
      } catch (CudaException e) {
        report.note("ended early: " + Comparison.reason(e));
        status = 1;
      } finally {
        report.header("state after: " + state());
        out.print(report.markdown());
        if (options.out().isPresent()) {
          report.write(options.out().get());
        }
      }
      return status;
    } catch (CudaException e) {
      progress.println("bench: " + e.getMessage());
      return 2;
    }
  }

  private static void measure(Chip chip, Options options, Report report) {
    var comparison = new Comparison(chip, options, report);
    if (options.pieces().contains("lstm")) {
      new LstmTimes(chip, options, report, comparison).run();
    }
    if (options.pieces().contains("conv")) {
      new ConvTimes(chip, options, report, comparison).run();
    }
    if (options.pieces().contains("step")) {
      new StepTimes(chip, options, report, comparison).run();
    }
  }

  /** Clocks, heat and power as the machine has them; they are never changed. */
  private static String state() {
    try {
      Process process =
          new ProcessBuilder(
                  "nvidia-smi",
                  "--query-gpu=driver_version,clocks.sm,clocks.mem,temperature.gpu,power.draw",
                  "--format=csv,noheader")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (var output = process.inputReader(StandardCharsets.UTF_8)) {
        List<String> lines = output.lines().toList();
        return lines.isEmpty()
            ? "nvidia-smi says nothing"
            : "driver, SM clock, memory clock, temperature, power: " + lines.getFirst();
      }
    } catch (IOException e) {
      return "nvidia-smi is not there";
    }
  }
}
