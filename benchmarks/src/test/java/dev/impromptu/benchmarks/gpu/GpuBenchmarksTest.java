package dev.impromptu.benchmarks.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.Precision;
import dev.impromptu.benchmarks.Samples;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
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
