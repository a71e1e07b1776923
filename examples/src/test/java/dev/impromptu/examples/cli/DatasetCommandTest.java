package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class DatasetCommandTest {
  @TempDir Path folder;

  @Test
  void itCountsTokensAndWindows() throws IOException {
    Path tunes = Tunes.folder(folder.resolve("tunes"));

    Ran ran =
        Ran.impromptu(
                "dataset",
                "--midi",
                tunes,
                "--tokens",
                "seed",
                "--min-count",
                1,
                "--split",
                "window")
            .well();

    assertEquals(10, ran.number("pieces"));
    assertEquals(10 * 60 + 45, ran.number("tokens"));
    assertEquals(7, ran.number("token_types"));
    assertEquals(7, ran.number("kept_types"));
    assertEquals(0, ran.number("dropped_tokens"));
    assertEquals(10 * 21 + 45, ran.number("windows"));
    assertEquals("window", ran.figure("split"));
    assertEquals(
        ran.number("windows"),
        ran.number("train_windows")
            + ran.number("validation_windows")
            + ran.number("test_windows"));
    int shorter =
        Ran.impromptu(
                "dataset",
                "--midi",
                tunes,
                "--tokens",
                "seed",
                "--min-count",
                1,
                "--split",
                "window",
                "--skip-note")
            .number("windows");
    assertEquals(10 * 20 + 45, shorter);
  }

  @Test
  void aPieceThatIsThereTwiceIsTakenOnceAndToldOf() throws IOException {
    Path tunes = Tunes.folder(folder.resolve("tunes"));
    Ran ran = Ran.impromptu("dataset", "--midi", tunes).well();
    assertFalse(ran.out().contains("duplicate_pieces"), ran.out());

    Files.copy(tunes.resolve("tune-3.mid"), tunes.resolve("the-same.mid"));
    Ran twice = Ran.impromptu("dataset", "--midi", tunes).well();

    assertEquals(11, twice.number("pieces"));
    assertEquals(1, twice.number("duplicate_pieces"));
    assertEquals(ran.number("tokens"), twice.number("tokens"));
  }

  @Test
  void theSongbookIsSplitByPieceAndTellsItsCoverage() {
    Ran ran = Ran.impromptu("dataset", "--songbook", "--tokens", "seed").well();

    assertEquals("piece", ran.figure("split"));
    assertEquals(3, ran.number("min_count"));
    assertTrue(ran.number("tokens") > 2000, ran.out());
    assertTrue(Double.parseDouble(ran.figure("validation_coverage_percent")) > 50);
    assertEquals(
        ran.number("pieces"),
        ran.number("train_pieces") + ran.number("validation_pieces") + ran.number("test_pieces"));
  }

  @Test
  void rhythmTokensAreTheDefaultAndAllAreKept() {
    Ran ran = Ran.impromptu("dataset", "--songbook").well();

    assertEquals("rhythm", ran.figure("tokenizer"));
    assertEquals(1, ran.number("min_count"));
    assertEquals(100, Double.parseDouble(ran.figure("train_coverage_percent")));
    // One piece validates, and 9 are few to know all its durations from.
    assertTrue(Double.parseDouble(ran.figure("validation_coverage_percent")) > 90, ran.out());
  }

  @Test
  void itWritesTablesWhenAsked() throws IOException {
    Path out = folder.resolve("deep/csv");

    Ran ran = Ran.impromptu("dataset", "--songbook", "--out", out).well();

    assertEquals("id,token,count", Files.readAllLines(out.resolve("notes.csv")).getFirst());
    for (String part : new String[] {"train", "validation", "test"}) {
      assertEquals(
          ran.number(part + "_windows") + 1,
          Files.readAllLines(out.resolve(part + "set.csv")).size());
    }
  }

  @Test
  void brokenFilesAreSkippedWithNamesAndReasons() throws IOException {
    Path tunes = Tunes.folder(folder.resolve("tunes"));
    Files.writeString(tunes.resolve("broken.mid"), "not music");
    Files.createFile(tunes.resolve("empty.mid"));

    Ran ran = Ran.impromptu("dataset", "--midi", tunes, "--min-count", 1).well();

    assertEquals(2, ran.number("skipped_files"));
    assertTrue(ran.err().contains("skipped broken.mid: is no MIDI file"), ran.err());
    assertTrue(ran.err().contains("skipped empty.mid: is empty"), ran.err());
  }

  @Test
  void aFolderWithoutMusicIsRefused() throws IOException {
    Path none = folder.resolve("none");
    Ran.impromptu("dataset", "--midi", none).refused(1, "there is no such folder");
    Files.createDirectory(none);
    Ran.impromptu("dataset", "--midi", none).refused(1, "holds no MIDI file", ".mid");
    Files.writeString(none.resolve("a.mid"), "no");
    Ran.impromptu("dataset", "--midi", none).refused(1, "none of its 1 MIDI files");
    Ran.impromptu("dataset", "--midi", none.resolve("a.mid")).refused(1, "is a file");
  }

  @Test
  void tooLittleMusicIsRefused() throws IOException {
    Path tunes = Tunes.folder(folder.resolve("tunes"));
    Ran.impromptu("dataset", "--midi", tunes, "--min-count", 5000).refused(1, "--min-count");
  }

  @Test
  void nothingIsLeftWhereTablesCannotBeWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Ran.impromptu("dataset", "--songbook", "--out", file).refused(1, "is a file");
    assertFalse(Files.isDirectory(file));
  }

  @Test
  @EnabledIfSystemProperty(named = "impromptu.schubert", matches = ".+")
  void theOriginalsPiecesGiveTheOriginalsFigures() {
    Ran ran =
        Ran.impromptu(
                "dataset",
                "--midi",
                System.getProperty("impromptu.schubert"),
                "--tokens",
                "seed",
                "--skip-note",
                "--split",
                "window")
            .well();

    assertEquals(308, ran.number("token_types"));
    assertEquals(173, ran.number("kept_types"));
    assertEquals(83_121, ran.number("tokens"));
    assertEquals(1_824, ran.number("dropped_tokens"));
    assertEquals(80_137, ran.number("windows"));
    assertEquals(56_095, ran.number("train_windows"));
    assertEquals(16_028, ran.number("validation_windows"));
    assertEquals(8_014, ran.number("test_windows"));
  }
}
