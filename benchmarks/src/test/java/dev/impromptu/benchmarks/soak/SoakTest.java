package dev.impromptu.benchmarks.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.music.model.LstmComposer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoakTest {
  @TempDir Path folder;

  @Test
  void aRunThatStaysAsItIsIsFlat() {
    Verdict verdict = Verdict.of(samples(i -> 100, i -> 50));

    assertEquals(1, verdict.speed());
    assertTrue(verdict.speedIsFlat() && verdict.memoryIsFlat(), verdict.words());
  }

  @Test
  void theBeginningInWhichTheJvmCompilesDoesNotCount() {
    assertTrue(Verdict.of(samples(i -> i < 3 ? 5 : 100, i -> 50)).speedIsFlat());
  }

  @Test
  void stretchesThatOthersDisturbedDoNotCount() {
    Verdict few = Verdict.of(samples(i -> i % 3 == 0 ? 20 : 100, i -> 50, i -> i % 3 == 0 ? 1 : 0));
    assertEquals(1, few.speed());
    Verdict many = Verdict.of(samples(i -> 100, i -> 50, i -> i > 20 ? 1 : 0));
    assertFalse(many.speedIsFlat());
    assertTrue(many.words().contains("DISTURBED"), many.words());
  }

  @Test
  void aRunThatSlowsDownIsNotFlat() {
    Verdict verdict = Verdict.of(samples(i -> 100 - i, i -> 50));

    assertFalse(verdict.speedIsFlat(), verdict.words());
    assertTrue(verdict.words().contains("NOT FLAT"), verdict.words());
  }

  @Test
  void aRunThatLeaksIsNotFlat() {
    assertFalse(Verdict.of(samples(i -> 100, i -> 50 + 2 * i)).memoryIsFlat());
  }

  @Test
  void aRunTooShortToJudgeIsRefused() {
    var two = samples(i -> 1, i -> 1).subList(0, 2);
    assertThrows(IllegalArgumentException.class, () -> Verdict.of(two));
  }

  @Test
  void minutesThatShowNothingAreRefusedAtOnce() throws Exception {
    Path file = folder.resolve("soak.csv");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Soak.class.getName(),
                file.toString(),
                "0.9")
            .redirectErrorStream(true)
            .start();
    String said;
    try (var output = process.inputReader()) {
      said = output.readAllAsString();
    }

    assertEquals(2, process.waitFor(), said);
    assertTrue(said.contains("at least 60 seconds") && said.contains("0.9 minutes"), said);
    assertFalse(Files.exists(file));
  }

  @Test
  void speedAndMemoryGoToTheFileAsTheyAreMeasured() throws IOException {
    Path file = folder.resolve("soak.csv");
    var tiny =
        new Task.LstmTraining(new LstmComposer.Sizes(Task.VOCABULARY, 4, 4, 1, 4, 0), 1, true);

    List<Sample> samples = Soak.run(tiny, 0.2, file);

    List<String> lines = Files.readAllLines(file);
    assertEquals(Sample.HEADER, lines.getFirst());
    assertEquals(samples.getLast().line(), lines.getLast());
    assertEquals(samples.size() + 1, lines.size());
    assertTrue(samples.getLast().windowsPerSecond() > 0);
    assertTrue(samples.getLast().heapMiB() > 0);
  }

  private static List<Sample> samples(IntToDoubleFunction speed, IntToDoubleFunction memory) {
    return samples(speed, memory, i -> 0);
  }

  private static List<Sample> samples(
      IntToDoubleFunction speed, IntToDoubleFunction memory, IntToDoubleFunction others) {
    return IntStream.range(0, 30)
        .mapToObj(
            i ->
                new Sample(
                    11 * i,
                    speed.applyAsDouble(i),
                    memory.applyAsDouble(i),
                    memory.applyAsDouble(i),
                    others.applyAsDouble(i)))
        .toList();
  }
}
