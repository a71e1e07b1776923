package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.render.MidiWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  @TempDir static Path folder;
  private static Path tunes = Path.of("");
  private static Path model = Path.of("");

  @BeforeAll
  static void trainOnce() throws IOException {
    tunes = Tunes.folder(folder.resolve("tunes"));
    model = Tunes.model(tunes, folder.resolve("model"));
  }

  @Test
  void itCountsWhatIsRightInEachPart() {
    Ran ran =
        Ran.impromptu(
                "evaluate", "--model", model, "--midi", tunes, "--on", "train,validation,test")
            .well();

    int windows = 0;
    for (String part : new String[] {"train", "validation", "test"}) {
      int total = ran.number(part + "_total");
      assertEquals(ran.number(part + "_windows"), total);
      assertEquals(
          100.0 * ran.number(part + "_correct") / total,
          Double.parseDouble(ran.figure(part + "_percent")),
          0.001);
      assertTrue(Double.parseDouble(ran.figure(part + "_commonest_percent")) > 0);
      double lookup = Double.parseDouble(ran.figure(part + "_lookup_percent"));
      assertTrue(lookup > 0 && lookup <= 100, ran.out());
      assertTrue(Double.parseDouble(ran.figure(part + "_ngram_next_percent")) > 50, ran.out());
      assertEquals(ran.figure(part + "_percent"), ran.figure(part + "_next_percent"));
      assertTrue(
          ran.out()
              .lines()
              .anyMatch(
                  line ->
                      line.matches(
                          part + " +" + ran.number(part + "_correct") + " of +" + total + " .*")),
          ran.out());
      windows += total;
    }
    assertEquals(10 * 21 + 45, windows);
  }

  @Test
  void allAreTheThreePartsAndTheirSum() {
    Object[] command = {"evaluate", "--model", model, "--midi", tunes, "--steps-ahead", 2, "--on"};
    Ran list = Ran.impromptu(with(command, "train,validation,test")).well();
    Ran all = Ran.impromptu(with(command, "all")).well();

    assertEquals(rows(list), rows(all).subList(0, 4));
    assertEquals(5, rows(all).size());
    for (String line : list.out().lines().filter(line -> line.contains(": ")).toList()) {
      assertTrue(all.out().lines().anyMatch(line::equals), line);
    }
    List<String> parts = List.of("train", "validation", "test");
    for (String count : List.of("_windows", "_correct", "_total")) {
      assertEquals(
          parts.stream().mapToInt(part -> all.number(part + count)).sum(),
          all.number("all" + count));
    }
    assertEquals(
        100.0 * all.number("all_correct") / all.number("all_total"),
        percent(all, "all_percent"),
        0.001);
    for (String figure : List.of("_lookup_percent", "_next_percent", "_ngram_next_percent")) {
      double right =
          parts.stream()
              .mapToDouble(part -> percent(all, part + figure) * all.number(part + "_windows"))
              .sum();
      assertEquals(right / all.number("all_windows"), percent(all, "all" + figure), 0.002);
    }
    assertEquals("100.00", all.figure("all_coverage_percent"));
    assertTrue(percent(all, "all_commonest_percent") > 10, all.out());
    assertTrue(rows(all).getLast().matches("all +\\d+ of +\\d+( +[\\d.]+ %){4}"), all.out());
    assertFalse(all.err().contains("one part"), all.err());
  }

  private static double percent(Ran ran, String figure) {
    return Double.parseDouble(ran.figure(figure));
  }

  /** The table, its header first. */
  private static List<String> rows(Ran ran) {
    return ran.out().lines().dropWhile(line -> !line.startsWith("part ")).toList();
  }

  private static Object[] with(Object[] words, String more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
  }

  @Test
  void onePieceAloneIsJudgedAsAWholeOrRefusedWithAdviceThatHelps() throws IOException {
    Path one = folder.resolve("one");
    MidiWriter.write(Tunes.tune(5, 60), one.resolve("tune.mid"));
    Ran.impromptu("evaluate", "--model", model, "--midi", one)
        .refused(1, "1 piece, too few or too short to be split by piece", "use --on all alone");
    Ran.impromptu("evaluate", "--model", model, "--midi", one, "--on", "test,all")
        .refused(1, "use --on all alone");

    Ran all = Ran.impromptu("evaluate", "--model", model, "--midi", one, "--on", "all").well();
    assertEquals(21, all.number("all_windows"));
    assertEquals(1, all.err().lines().filter(line -> line.contains("judged as one part")).count());
    assertFalse(all.err().contains("--split") || all.err().contains("--min-count"), all.err());
    assertEquals(2, rows(all).size());
    assertTrue(rows(all).getLast().matches("all +\\d+ of +21 +[\\d.]+ %"), all.out());
  }

  @Test
  void theTestPartAndOneStepAreTheDefault() {
    Ran ran = Ran.impromptu("evaluate", "--model", model, "--midi", tunes).well();
    assertEquals(1, ran.number("steps_ahead"));
    assertTrue(ran.number("test_total") > 0);
    assertTrue(ran.figure("model").endsWith("best"));
  }

  @Test
  void severalStepsCountSeveralTimes() {
    Ran ran =
        Ran.impromptu(
                "evaluate",
                "--model",
                model,
                "--midi",
                tunes,
                "--steps-ahead",
                8,
                "--checkpoint",
                "last")
            .well();
    assertEquals(8 * ran.number("test_windows"), ran.number("test_total"));
    assertTrue(Double.parseDouble(ran.figure("test_lookup_percent")) > 0, ran.out());
    assertTrue(ran.figure("model").endsWith("last"));
    Ran.impromptu("evaluate", "--model", model, "--midi", tunes, "--steps-ahead", 9)
        .refused(2, "at most 8");
  }

  @Test
  void aMemoryOfThePieceIsCountedWhenAsked() {
    Ran ran =
        Ran.impromptu("evaluate", "--model", model, "--midi", tunes, "--recall", "--on", "all")
            .well();
    // The tunes go round, so that both know what comes next from the second round on.
    for (String figure :
        List.of(
            "test_recall_percent",
            "test_ngram_recall_percent",
            "test_memory_percent",
            "all_recall_percent")) {
      double percent = Double.parseDouble(ran.figure(figure));
      assertTrue(percent > 50 && percent <= 100, ran.out());
    }
    assertTrue(ran.out().contains("recalling"), ran.out());
    assertFalse(
        Ran.impromptu("evaluate", "--model", model, "--midi", tunes)
            .well()
            .out()
            .contains("recall"));
  }

  @Test
  void anotherCheckpointThanTheOneNamedIsNotPassedOver() {
    Path best = model.resolve("best");
    Ran.impromptu("evaluate", "--model", best, "--midi", tunes, "--checkpoint", "last")
        .refused(2, "--checkpoint", best + " is one checkpoint already");
    Ran ran = Ran.impromptu("evaluate", "--model", best, "--midi", tunes).well();
    assertEquals(best.toString(), ran.figure("model"));
  }

  @Test
  void otherPiecesAreJudgedOnlyAsAWhole() throws IOException {
    Path others = folder.resolve("others");
    for (int i = 0; i < 4; i++) {
      MidiWriter.write(
          Tunes.keys(90, new int[] {60}, new int[] {70}), others.resolve("short-" + i + ".mid"));
    }
    MidiWriter.write(Tunes.tune(5, 50), others.resolve("long.mid"));

    Ran all = Ran.impromptu("evaluate", "--model", model, "--midi", others, "--on", "all").well();
    assertEquals(11, all.number("all_windows"));
    assertTrue(Double.parseDouble(all.figure("all_coverage_percent")) < 100);
    Ran.impromptu("evaluate", "--model", model, "--songbook").refused(1, "--on all");
    Files.delete(others.resolve("long.mid"));
    Ran.impromptu("evaluate", "--model", model, "--midi", others, "--on", "all")
        .refused(1, "longer pieces");
  }
}
