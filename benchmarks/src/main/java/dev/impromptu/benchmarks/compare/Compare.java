package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.Samples;
import dev.impromptu.io.Json;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures rows of the table, each in a process of its own, and writes {@code RESULTS.md}, {@code
 * results.json} and two plots.
 */
public final class Compare {
  private static final String FIRST_STEP = "first-step";
  private static final int STARTS = 5;

  private final Path folder;
  private Results results;

  private Compare(Path folder, Results results) {
    this.folder = folder;
    this.results = results;
  }

  /**
   * Measures.
   *
   * @param arguments the folder to write to, then names of rows; without one all are measured
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[0]);
    List<String> names = Arrays.asList(arguments).subList(1, arguments.length);
    try {
      names.stream().filter(name -> !name.equals(FIRST_STEP)).forEach(Row::named);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + " and " + FIRST_STEP);
      System.exit(2);
    }
    Files.createDirectories(folder);
    List<String> machine = Machine.description();
    Results before = Results.none(machine);
    try {
      before = names.isEmpty() ? before : Results.read(folder.resolve("results.json"), machine);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
    new Compare(folder, before).run(names);
  }

  private void run(List<String> names) throws IOException, InterruptedException {
    String began = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    String commit = Machine.commit(folder);
    double peak = Double.NaN;
    for (Row row : Row.all()) {
      // Everything is a share of what the machine can do now.
      if (names.isEmpty() || names.contains(row.name()) || row.group() == Row.Group.PEAK) {
        System.err.println(row.name() + " …");
        Measured measured = measure(row);
        if (row.group() == Row.Group.PEAK) {
          peak = Results.peak(measured);
        }
        results = results.with(measured, new Session(began, commit, peak));
        write();
      }
    }
    if (names.isEmpty() || names.contains(FIRST_STEP)) {
      System.err.println(FIRST_STEP + " …");
      double[] seconds = new double[STARTS];
      for (int i = 0; i < STARTS; i++) {
        seconds[i] = firstStep();
      }
      results = results.withFirstStep(new Samples(seconds));
      write();
    }
    System.out.print(new Table(results).markdown());
  }

  private Measured measure(Row row) throws IOException, InterruptedException {
    int threads = row.oneThread() ? 1 : Runtime.getRuntime().availableProcessors();
    Path file = Files.createTempFile("impromptu-bench-", ".json");
    try {
      List<String> command = java();
      command.add("-Dimpromptu.threads=" + threads);
      command.addAll(
          List.of(
              RowProcess.class.getName(), row.name(), String.valueOf(threads), file.toString()));
      int status = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IOException(
            "bench --peers: measuring %s ended with status %d; what it said stands above"
                .formatted(row.name(), status));
      }
      return Measured.of(Json.read(file));
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static double firstStep() throws IOException, InterruptedException {
    List<String> command = java();
    command.add(FirstStep.class.getName());
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var output = process.inputReader(StandardCharsets.UTF_8)) {
      @Nullable String line = output.readLine();
      double seconds = (System.nanoTime() - start) * 1e-9;
      int status = process.waitFor();
      if (line == null || status != 0) {
        throw new IOException("bench --peers: the first step ended with status " + status);
      }
      return seconds;
    }
  }

  /** This program's own java, flags and class path. */
  private static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return command;
  }

  private void write() throws IOException {
    results.write(folder.resolve("results.json"));
    Files.writeString(folder.resolve("RESULTS.md"), new Table(results).markdown());
    Plots.write(results, folder);
  }
}
