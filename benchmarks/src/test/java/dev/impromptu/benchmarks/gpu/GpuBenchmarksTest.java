package dev.impromptu.benchmarks.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.Precision;
import dev.impromptu.benchmarks.Samples;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class GpuBenchmarksTest {
  private static final PrintStream NOWHERE = new PrintStream(OutputStream.nullOutputStream());

  @TempDir Path folder;

  @Test
  void everyPieceRunsWithoutAGpuAndReportsNoTime() throws IOException {
    Path out = folder.resolve("report");
    Options options = Options.of("--quick", "--device", "cpu", "--out", out.toString());

    assertEquals(0, GpuBenchmarks.run(options, NOWHERE, NOWHERE));

    String report = Files.readString(folder.resolve("report.md"));
    assertTrue(report.contains("**no GPU: times mean nothing.**"), report);
    for (String piece : List.of("| lstm: ", "| conv: ", "| step: lstm", "| step: wavenet")) {
      assertTrue(report.contains(piece), report);
    }
    assertFalse(report.contains("WRONG"), report);
    assertFalse(report.contains("FAILED"), report);
    String json = Files.readString(folder.resolve("report.json"));
    assertTrue(json.contains("\"results\": false"), json);
    assertFalse(json.contains("\"median\""), json);
  }

  @Test
  void aWrongResultIsNotTimed() {
    List<Result> expected = List.of(new Result("y", 1, 2, 3));
    assertTrue(
        Verdict.of(List.of(new Result("y", 1, 2, 3.00001f)), expected, Precision.FP32, "cpu")
            .right());
    assertFalse(
        Verdict.of(List.of(new Result("y", 1, 2, 3.01f)), expected, Precision.FP32, "cpu").right());
    assertFalse(
        Verdict.of(List.of(new Result("y", 1, 2, Float.NaN)), expected, Precision.BF16, "cpu")
            .right());
  }

  @Test
  void whatRoundingSwitchesMayBeFurtherOffButNotMissing() {
    List<Result> expected = List.of(new Result("g", true, 1, 2, 3));
    assertTrue(
        Verdict.of(List.of(new Result("g", 1, 2, 3.01f)), expected, Precision.FP32, "cpu").right());
    for (Precision precision : Precision.values()) {
      assertFalse(Verdict.of(List.of(new Result("g", 0, 0, 0)), expected, precision, "").right());
    }
  }

  /** Computes when it is called, and nothing when its recording is replayed. */
  private static final class Forgetful implements Variant {
    private float y;

    @Override
    public List<Task> tasks() {
      return List.of(
          new Task(
              "forward",
              List.of(() -> y = 1),
              call -> {
                y = Float.NaN;
                call.run();
                return List.of(new Result("y", y));
              }));
    }

    @Override
    public Optional<Replay> record(Runnable call) {
      return Optional.of(
          new Replay() {
            @Override
            public void run() {
              // Where a recording that lost its work would end.
            }

            @Override
            public void close() {
              // Nothing is held.
            }
          });
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }

  @Test
  void aReplayIsCheckedByItselfAndAWrongOneIsNotTimed() {
    var report = new Report(Optional.empty(), NOWHERE);
    try (var chip = new HostChip()) {
      new Comparison(chip, Options.of("--quick"), report)
          .run(
              new Comparison.Work(
                  "lstm", "hidden 1", true, "cpu", () -> List.of(new Result("y", 1))),
              List.of(new Comparison.Candidate("kernel", Precision.FP32, true, Forgetful::new)));
    }
    Row direct = report.rows().getFirst();
    assertNotNull(direct.samples());
    assertTrue(direct.verdict().endsWith("; inputs stay in the cache"), direct.verdict());
    Row graph = report.rows().getLast();
    assertEquals("graph", graph.mode());
    assertTrue(graph.verdict().startsWith("WRONG: "), graph.verdict());
    assertNull(graph.samples());
    assertTrue(report.isMistaken());
  }

  @Test
  void inputsThatAreTooSmallToLeaveTheCacheAreKnown() {
    long cache = 50 << 20;
    assertEquals(11, Inputs.sets(cache, 10 << 20));
    assertFalse(Inputs.stayCached(cache, 10 << 20));
    assertEquals(16, Inputs.sets(cache, 1 << 20));
    assertTrue(Inputs.stayCached(cache, 1 << 20));
  }

  @Test
  void aStepThatLearnsNothingIsWrongWhereItsLossesAreRight() {
    WindowBatch windows = StepModel.windows(2, true);
    for (StepModel model : StepModel.values()) {
      try (var right = step(model, windows);
          var dead = step(model, windows)) {
        List<Result> expected = right.results();
        List<Result> met = dead.tasks().getFirst().check().after(() -> {});

        Verdict verdict = Verdict.of(met, expected, Precision.BF16, "cpu");
        assertFalse(verdict.right());
        assertTrue(verdict.words().contains("gradient of"), verdict.words());
        List<Result> losses =
            met.stream().filter(result -> result.name().equals("losses")).toList();
        assertTrue(Verdict.of(losses, expected, Precision.BF16, "cpu").right());
        assertTrue(Verdict.of(dead.results(), expected, Precision.FP32, "cpu").right());
      }
    }
  }

  private static StepVariant step(StepModel model, WindowBatch windows) {
    return new StepVariant(Device.cpu(), model.on(Device.cpu(), true), windows);
  }

  @Test
  void withoutPythonTheStepStandsAlone() {
    var report = new Report(Optional.empty(), NOWHERE);
    var torch = new TorchSteps(options("any.py"), report, "no-such-python");

    torch.run(StepModel.LSTM, StepModel.windows(2, true), "first", "training step");
    torch.run(StepModel.LSTM, StepModel.windows(2, true), "another", "training step");

    String text = report.markdown();
    assertTrue(text.contains("- step: without PyTorch from first on: "), text);
    assertTrue(text.contains("no-such-python"), text);
    assertFalse(text.contains("another"), text);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aScriptThatEndsEarlyIsNotPassedOver() throws IOException {
    var script = folder.resolve("step.sh");
    Files.writeString(
        script,
        "echo '{\"version\": \"9\", \"precision\": \"fp32\", \"mode\": \"direct\", \"failed\": \"no memory\"}'\nexit 3\n");
    var report = new Report(Optional.empty(), NOWHERE);

    new TorchSteps(options(script.toString()), report, "sh")
        .run(StepModel.LSTM, StepModel.windows(2, true), "first", "training step");

    String text = report.markdown();
    assertTrue(text.contains("first ended with status 3 after 1 of 6 lines"), text);
    assertTrue(text.contains("refused: no memory"), text);
  }

  private static Options options(String script) {
    return Options.of("step", "--quick", "--torch", script);
  }

  @Test
  void theFastestStandsFirstAndWhatWasRefusedLast() {
    var report = new Report(Optional.empty(), NOWHERE);
    report.add(row("slow", new Samples(30, 10, 20)));
    report.add(row("refused", null));
    report.add(row("kernel", new Samples(4, 2)));
    String text = report.markdown();
    assertTrue(text.indexOf("| kernel |") < text.indexOf("| slow |"), text);
    assertTrue(text.indexOf("| slow |") < text.indexOf("| refused |"), text);
    assertTrue(text.contains("| 3.0 (direct) | 20.0 (slow, direct) | 6.67 |"), text);
  }

  private static Row row(String variant, @Nullable Samples samples) {
    return new Row("lstm", "hidden 1", "forward", variant, "fp32", "direct", "", samples);
  }

  @Test
  void aTargetIsMetMissedOrNotMeasured() {
    var report = new Report(Optional.empty(), NOWHERE);
    assertEquals("not measured", Target.below("t", 5, report, "hidden 1", "forward").met());
    report.add(row("kernel", new Samples(4)));
    report.add(row("cuDNN STANDARD", new Samples(3)));
    assertEquals("yes", Target.below("t", 5, report, "hidden 1", "forward").met());
    assertEquals("no", Target.below("t", 4, report, "hidden 1", "forward").met());
    assertEquals("no", Target.belowOthers("t", report, "hidden 1", "forward").met());
  }

  @Test
  void aWordThatIsNotUnderstoodIsNamed() {
    var e = assertThrows(IllegalArgumentException.class, () -> Options.of("gru", "--quick"));
    assertTrue(String.valueOf(e.getMessage()).contains("'gru'"), e.getMessage());
    e = assertThrows(IllegalArgumentException.class, () -> Options.of("--batch", "8,x"));
    assertTrue(String.valueOf(e.getMessage()).contains("8,x"), e.getMessage());
  }
}
