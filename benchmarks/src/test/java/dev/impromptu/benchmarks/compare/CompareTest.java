package dev.impromptu.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.benchmarks.Samples;
import dev.impromptu.benchmarks.work.OwnWork;
import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.benchmarks.work.Work;
import dev.impromptu.io.HostArray;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareTest {
  private static final Turns.Effort NO_EFFORT = new Turns.Effort(0, 0, 2);
  private static final Task EIGHT = new Task.Product(8);
  private static final List<String> MACHINE = List.of("a machine");

  private static final Session NOW = new Session("2026-02-03T04:05:06Z", "abc", 2_147e9);
  private static final Session BEFORE = new Session("2026-01-02T03:04:05Z", "old-dirty", 1_000e9);

  @TempDir Path folder;

  @Test
  void theMedianIsTheMiddleOrLiesBetweenTheMiddleTwo() {
    assertEquals(2, new Samples(3, 1, 2).median());
    assertEquals(2.5, new Samples(4, 1, 2, 3).median());
    assertThrows(IllegalArgumentException.class, Samples::new);
  }

  @Test
  void aRatioIsThatOfTwoTurnsOfOneRound() {
    // Our median is 20 and theirs 10, and yet the median ratio is 3.
    var rounds = List.of(round(0, 10, 10), round(0, 20, 5), round(0, 60, 20));

    Measured measured = Turns.measured("row", "peer", 2, List.of("we", "they"), rounds, 3);

    assertEquals(20, measured.ours().speed().median());
    assertEquals(10, measured.theirs().speed().median());
    assertEquals(3, measured.theirs().ratio().median());
    assertEquals(List.of(1.0, 4.0, 3.0), values(measured.theirs().ratio()));
  }

  @Test
  void theRoundsThatOthersDisturbedMostAreLeftOut() {
    var rounds = List.of(round(0.5, 1, 1), round(0.01, 6, 2), round(0.02, 8, 2));

    Measured measured = Turns.measured("row", "peer", 2, List.of("we", "they"), rounds, 2);

    assertEquals(List.of(3.0, 4.0), values(measured.theirs().ratio()));
    assertEquals(1, measured.leftOut());
    assertEquals(0.02, measured.otherLoad());
  }

  private static Turns.Round round(double otherLoad, double ours, double theirs) {
    return new Turns.Round(List.of(ours, theirs), otherLoad);
  }

  private static List<Double> values(Samples samples) {
    return Arrays.stream(samples.values()).boxed().toList();
  }

  @Test
  void busyTimeIsAllTimeButIdleAndWaiting() {
    assertEquals(1 + 2 + 3 + 6 + 7 + 8, OtherLoad.busyTicks("cpu  1 2 3 400 500 6 7 8 900 1000"));
  }

  @Test
  void aPeerThatComputesSomethingElseIsNotTimed() {
    var row =
        new Row("small", "small", Row.Group.PEAK, EIGHT, EIGHT, OptionalDouble.empty(), false);
    Peer right = new ScaledPeer(1);
    Peer wrong = new ScaledPeer(1.001);

    Measured measured = RowProcess.measure(row, 2, Device.cpu(), right, NO_EFFORT);
    assertEquals(2, measured.sides().size());

    var e =
        assertThrows(
            AssertionError.class, () -> RowProcess.measure(row, 2, Device.cpu(), wrong, NO_EFFORT));
    assertTrue(String.valueOf(e.getMessage()).contains("small: what Impromptu computes"));
  }

  /** Does Impromptu's own work, and scales what it shows. */
  private record ScaledPeer(double scale) implements Peer {
    @Override
    public String name() {
      return "scaled";
    }

    @Override
    public Work open(Task task, Map<String, HostArray> weights) {
      OwnWork own = task.on(Device.cpu());
      return new Work() {
        @Override
        public double[] results() {
          double[] results = own.results();
          for (int i = 0; i < results.length; i++) {
            results[i] *= scale;
          }
          return results;
        }

        @Override
        public void run() {
          own.run();
        }

        @Override
        public void close() {
          own.close();
        }
      };
    }

    @Override
    public List<Setting> settings(int threads) {
      return List.of(new Setting("as it comes", () -> {}));
    }
  }

  @Test
  void resultsComeBackFromTheirFile() throws IOException {
    Path file = folder.resolve("results.json");
    Results results =
        Results.none(MACHINE)
            .with(measured("lstm-train-8", 3), NOW)
            .withFirstStep(new Samples(0.5));
    results.write(file);

    Results read = Results.read(file, MACHINE);

    assertEquals(results.json(), read.json());
    assertEquals(3, read.row("lstm-train-8").orElseThrow().theirs().ratio().median());
  }

  @Test
  void resultsOfAnotherMachineAreNotMixedIn() throws IOException {
    Path file = folder.resolve("results.json");
    Results.none(MACHINE).with(measured("lstm-train-8", 3), NOW).write(file);

    var e =
        assertThrows(IllegalArgumentException.class, () -> Results.read(file, List.of("another")));
    assertTrue(String.valueOf(e.getMessage()).contains("is of another machine"), e.getMessage());

    Files.writeString(file, "{\"machine\": [\"a machine\"], \"rows\": [{\"row\": \"product\"}]}");
    e = assertThrows(IllegalArgumentException.class, () -> Results.read(file, MACHINE));
    assertTrue(String.valueOf(e.getMessage()).contains("an older version"), e.getMessage());
  }

  @Test
  void aRowMeasuredAgainTakesTheOldOnesPlaceInTheTablesOrder() {
    Results results =
        Results.none(MACHINE)
            .with(measured("lstm-train-64", 2), NOW)
            .with(measured("lstm-train-8", 3), NOW)
            .with(measured("lstm-train-64", 4), NOW);

    assertEquals(
        List.of("lstm-train-8", "lstm-train-64"),
        results.rows().stream().map(row -> row.measured().row()).toList());
    assertEquals(4, results.row("lstm-train-64").orElseThrow().theirs().ratio().median());
  }

  @Test
  void theTableShowsRatiosTargetsAndTheShareOfThePeak() {
    // 1,000 products of 1024 cubed are 2,147 GFLOP/s.
    Results results =
        new Results(
            MACHINE,
            List.of(
                new Results.Timed(measured("product", 10, 1000), NOW),
                new Results.Timed(measured("lstm-train-8", 3, 600), NOW)),
            Optional.of(new Samples(0.75)));

    String text = new Table(results).markdown();

    assertTrue(text.contains("- a machine\n"), text);
    assertTrue(text.contains("peak: 2,147 GFLOP/s"), text);
    assertTrue(text.contains("first training step: 0.75 (0.75 to 0.75) s"), text);
    assertTrue(
        text.contains(
            "| original's training step, batch 8 | windows/s | 600 | 200 | **3.00 (3.00 to 3.00)** |"
                + " 2.50 | fast: 300 | 2.00 (2.00 to 2.00) | 8 % |"),
        text);
  }

  @Test
  void aRowOfAnotherRunIsAShareOfItsOwnPeakAndHasItsDate() throws IOException {
    Path file = folder.resolve("results.json");
    Results.none(MACHINE).with(measured("lstm-train-8", 3), BEFORE).write(file);

    String text =
        new Table(Results.read(file, MACHINE).with(measured("product", 10, 1000), NOW)).markdown();

    assertTrue(text.contains("- measured 2026-02-03, commit abc\n"), text);
    assertTrue(text.contains("| original's training step, batch 8 (2026-01-02) |"), text);
    assertTrue(text.contains("| 16 % |"), text);
    assertTrue(text.contains("2026-01-02, commit old-dirty, peak 1,000 GFLOP/s"), text);
  }

  @Test
  void noPlotIsDrawnOfRowsThatAreNotThere() throws IOException {
    Plots.write(Results.none(MACHINE).with(measured("lstm-train-8", 3), NOW), folder);
    assertFalse(Files.exists(folder.resolve("threads.png")));
    assertFalse(Files.exists(folder.resolve("hidden.png")));

    Plots.write(Results.none(MACHINE).with(measured("hidden-64", 3), NOW), folder);
    assertTrue(Files.exists(folder.resolve("hidden.png")));
  }

  @Test
  void theTableSaysWhichRowsWereDisturbed() {
    var measured = measured("lstm-train-8", 3);
    var disturbed = new Measured(measured.row(), measured.peer(), 2, measured.sides(), 0.4, 10);

    String text = new Table(Results.none(MACHINE).with(disturbed, NOW)).markdown();

    assertTrue(text.contains("Not quiet"), text);
    assertTrue(text.contains("lstm-train-8 (0.40)"), text);
  }

  private static Measured measured(String row, double ratio) {
    return measured(row, ratio, 600);
  }

  /** With a fastest setting that is half as far behind again. */
  private static Measured measured(String row, double ratio, double speed) {
    return new Measured(
        row,
        "peer",
        2,
        List.of(
            side("Impromptu", speed, 1),
            side("plain", speed / ratio, ratio),
            side("fast", speed / ratio * 1.5, ratio / 1.5)),
        0,
        0);
  }

  private static Measured.Side side(String name, double speed, double ratio) {
    return new Measured.Side(name, new Samples(speed), new Samples(ratio));
  }

  @Test
  void everyRowHasANameOfItsOwnAndWorkToCount() {
    assertEquals(Row.all().size(), Row.all().stream().map(Row::name).distinct().count());
    for (Row row : Row.all()) {
      assertTrue(row.task().flops() > 0 && row.task().items() > 0, row.name());
      assertEquals(row, Row.named(row.name()));
    }
    var e = assertThrows(IllegalArgumentException.class, () -> Row.named("gru"));
    assertTrue(String.valueOf(e.getMessage()).contains("lstm-train-8"), e.getMessage());
  }

  @Test
  void theMachineIsNamedWithoutPaths() {
    assertEquals(
        "OpenBLAS 1 Haswell", Machine.withoutPath("OpenBLAS 1 Haswell from /home/me/a.so"));
    assertEquals("AVX2", Machine.instructions(List.of("flags\t: fpu avx avx2")));
    assertEquals("AVX-512", Machine.instructions(List.of("flags\t: avx avx2 avx512f")));
    assertFalse(Machine.commit(Path.of(".")).isEmpty());
  }

  @Test
  void theProcessorIsNamed() {
    assertEquals("Fast 9", Machine.model(List.of("processor : 0", "model name\t: Fast 9")));
    assertEquals("processor unknown", Machine.model(List.of()));
  }
}
