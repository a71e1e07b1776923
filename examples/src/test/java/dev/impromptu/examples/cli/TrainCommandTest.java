package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.render.MidiWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  @TempDir Path folder;
  private Path tunes = Path.of("");
  private Path model = Path.of("");

  @BeforeEach
  void makeTunes() throws IOException {
    tunes = Tunes.folder(folder.resolve("tunes"));
    model = folder.resolve("model");
  }

  private Ran train(Object... more) {
    List<Object> words =
        new ArrayList<>(List.of("train", "--midi", tunes, "--min-count", 1, "--out", model));
    words.addAll(List.of("--size", "small", "--limit-windows", 40, "--batch", 16));
    words.addAll(List.of(more));
    return Ran.impromptu(words.toArray());
  }

  @Test
  void itTellsItsFiguresAndLeavesItsFiles() throws IOException {
    Ran ran = train("--tokens", "seed", "--epochs", 2).well();

    assertEquals(7, ran.number("kept_types"));
    assertTrue(ran.number("parameters") > 200_000);
    assertEquals(2, ran.out().lines().filter(line -> line.startsWith("epoch: ")).count());
    assertEquals(0, ran.number("epoch"));
    for (String name :
        List.of(
            "train_loss",
            "train_accuracy",
            "validation_loss",
            "validation_accuracy",
            "windows_per_second",
            "seconds")) {
      assertTrue(ran.figure(name).matches("[\\d.]+"), ran.out());
    }
    assertEquals(2, ran.number("epochs"));
    assertTrue(ran.err().contains("epoch 2 of 2 done"), ran.err());
    for (String file :
        List.of(
            "best/model.json",
            "best/model.safetensors",
            "last/optimizer.safetensors",
            "metrics.csv",
            "curves.png")) {
      assertTrue(Files.size(model.resolve(file)) > 0, file);
    }
    assertEquals(3, Files.readAllLines(model.resolve("metrics.csv")).size());
  }

  @Test
  void theOriginalsModelHasItsSizes() {
    Ran ran =
        Ran.impromptu(
                "train",
                "--midi",
                tunes,
                "--faithful",
                "--min-count",
                1,
                "--epochs",
                1,
                "--out",
                model,
                "--limit-windows",
                8)
            .well();

    int tokens = ran.number("kept_types");
    assertEquals(1_508_289 - (173 - tokens) * (100 + 128 + 1), ran.number("parameters"));
    assertEquals("window", ran.figure("split"));
    assertEquals("true", ran.figure("skip_note"));
    assertEquals(1, ran.number("min_count"));
  }

  @Test
  void faithfulDropsRareTokensWhateverTheTokensAre() {
    Ran ran =
        Ran.impromptu(
                "train",
                "--midi",
                tunes,
                "--faithful",
                "--tokens",
                "rhythm",
                "--size",
                "small",
                "--epochs",
                1,
                "--out",
                model,
                "--limit-windows",
                8)
            .well();

    assertEquals("rhythm", ran.figure("tokenizer"));
    assertEquals(50, ran.number("min_count"));
    assertTrue(ran.number("kept_types") < ran.number("token_types"), ran.out());
  }

  @Test
  void aWaveNetIsTrainedContinuedJudgedAndComposesToo() throws IOException {
    Ran ran = train("--arch", "wavenet", "--epochs", 1).well();
    assertEquals(32, ran.number("receptive_field"));
    train("--arch", "wavenet", "--epochs", 2, "--resume").well();
    train("--epochs", 3, "--resume").refused(1, "architecture.type: \"lstm\", there \"wavenet\"");

    Ran judged = Ran.impromptu("evaluate", "--model", model, "--midi", tunes).well();
    assertTrue(judged.number("test_windows") > 0);
    Path piece = folder.resolve("piece.mid");
    Ran.impromptu("compose", "--model", model, "--notes", 40, "--out", piece).well();
    assertTrue(Files.size(piece) > 0);
  }

  @Test
  void theOriginalsWaveNetHasItsSizes() {
    Ran ran =
        Ran.impromptu(
                "train",
                "--midi",
                tunes,
                "--min-count",
                1,
                "--arch",
                "wavenet",
                "--epochs",
                1,
                "--out",
                model,
                "--limit-windows",
                8)
            .well();

    int tokens = ran.number("kept_types");
    assertEquals(438_593 - (173 - tokens) * (100 + 64 + 1), ran.number("parameters"));
    assertEquals(61, ran.number("receptive_field"));
  }

  @Test
  void whatIsThereIsRefusedUnlessForcedOrContinued() throws IOException {
    train("--epochs", 1).well();
    Path own = Files.createFile(model.resolve("notes-of-mine.txt"));

    train("--epochs", 1).refused(1, "exists already", "--resume", "--force");
    train("--epochs", 1, "--force").well();
    assertTrue(Files.exists(own));

    Ran more = train("--epochs", 3, "--resume").well();
    assertEquals(1, more.number("epoch"));
    assertEquals(4, Files.readAllLines(model.resolve("metrics.csv")).size());
    assertTrue(train("--epochs", 3, "--resume").well().err().contains("complete already"));
  }

  @Test
  void whatIsNotOfARunIsNeverDeletedNorAnythingBesideIt() throws IOException {
    train("--epochs", 1).well();
    for (String folder : List.of("best", "last")) {
      Path thesis = Files.createFile(model.resolve(folder).resolve("thesis.txt"));
      train("--epochs", 1, "--force").refused(1, folder + " holds thesis.txt", "move it");
      assertTrue(Files.exists(thesis));
      for (String file : List.of("best/model.json", "last/model.json", "metrics.csv")) {
        assertTrue(Files.exists(model.resolve(file)), file);
      }
      Files.delete(thesis);
    }
    train("--epochs", 1, "--force").well();
  }

  @Test
  void whatMakesMoreEpochsIsAdvisedWhenAllAreComplete() {
    train("--epochs", 1).well();
    Ran epochs = train("--epochs", 1, "--resume").well();
    assertTrue(epochs.err().contains("complete already; a larger --epochs goes on"), epochs.err());
    Ran course = train("--curriculum", "1x1", "--resume").well();
    assertTrue(
        course.err().contains("complete already; a longer --curriculum goes on"), course.err());
  }

  /** The curriculum of the original ends after 90. */
  @Test
  void moreEpochsThanTheOriginalHadNeedACurriculum() {
    for (String given : List.of("1", "90")) {
      model = folder.resolve("original-" + given);
      Object[] faithful = {"--faithful", "--epochs", given};
      train(faithful).well();
      Ran again = train(with(faithful, "--resume")).well();
      String advice = given.equals("1") ? "a larger --epochs" : "a longer --curriculum";
      assertTrue(again.err().contains("complete already; " + advice), again.err());
    }
  }

  @Test
  void otherSettingsAreListedWhenItShouldContinue() {
    train("--epochs", 1).well();
    train("--epochs", 2, "--resume", "--lr", 0.5, "--seed", 4)
        .refused(1, "learning_rate: 0.5, there 0.001", "seed: 4, there 0", "--force");
  }

  @Test
  void otherPiecesAreNotContinuedOn() throws IOException {
    train("--epochs", 1).well();
    // The same notes in another order: no token differs.
    MidiWriter.write(Tunes.tune(1, 60), tunes.resolve("tune-0.mid"));
    train("--epochs", 2, "--resume").refused(1, "pieces: of 10", "--force");
    Ran.impromptu("evaluate", "--model", model, "--midi", tunes)
        .refused(1, "other pieces", "--on all");
  }

  @Test
  void thereMustBeSomethingToContinue() throws IOException {
    train("--resume").refused(1, "is not there");
    Files.createDirectory(model);
    train("--resume").refused(1, "model.json");
  }

  @Test
  void damagedCheckpointsAreToldInOneSentence() throws IOException {
    train("--epochs", 1).well();
    Path optimizer = model.resolve("last/optimizer.safetensors");
    Files.write(optimizer, Arrays.copyOf(Files.readAllBytes(optimizer), 1000));
    train("--epochs", 2, "--resume").refused(1, "optimizer.safetensors", "damaged");
    Files.delete(optimizer);
    train("--epochs", 2, "--resume").refused(1, "optimizer.safetensors is missing");
  }

  @Test
  void aRunThatFailsLeavesNoFolder() throws IOException {
    Path music = tunes;
    tunes = folder.resolve("nothing");
    train().refused(1, "no such folder");
    assertFalse(Files.exists(model));
    tunes = music;
    Path file = Files.createFile(folder.resolve("file"));
    model = file.resolve("model");
    train().refused(1, "file");
  }

  @Test
  void aRunThatDivergesSaysSoAndLeavesNoFolder() {
    train("--lr", "1e38").refused(1, "diverged", "--lr", "--force");
    assertFalse(Files.exists(model));
  }

  /** A signal is needed for that, so a process of its own. */
  @Test
  void aRunThatIsInterruptedContinuesToTheSameBits() throws Exception {
    List<String> words =
        List.of(
            "train",
            "--songbook",
            "--size",
            "small",
            "--batch",
            "8",
            "--limit-windows",
            "512",
            "--epochs",
            "2");
    Path straight = folder.resolve("straight");
    Ran.impromptu(with(words, "--out", straight)).well();

    Path broken = folder.resolve("broken");
    Path log = folder.resolve("log");
    Process process = Ran.start(log, folder, with(words, "--out", broken));
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      while (line != null && !line.startsWith("first_step_seconds")) {
        line = out.readLine();
      }
      process.destroy();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(log);
    assertTrue(said.contains("stopped after 0 of 2 epochs"), said);
    assertTrue(said.contains("--resume"), said);
    assertFalse(said.contains("\tat "), said);
    assertTrue(process.exitValue() > 128, "status " + process.exitValue());

    Ran.impromptu(with(with(words, "--out", broken), "--resume")).well();
    for (String file : List.of("last/model.safetensors", "last/optimizer.safetensors")) {
      assertArrayEquals(
          Files.readAllBytes(straight.resolve(file)), Files.readAllBytes(broken.resolve(file)));
    }
  }

  private static Object[] with(List<String> words, Object... more) {
    return with(words.toArray(), more);
  }

  private static Object[] with(Object[] words, Object... more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
  }
}
