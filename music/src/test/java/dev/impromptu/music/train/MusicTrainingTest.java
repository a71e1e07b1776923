package dev.impromptu.music.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.Precision;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.SplitKind;
import dev.impromptu.music.data.TokenizedPiece;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.tensor.Device;
import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MusicTrainingTest {
  private static final DatasetOptions OPTIONS =
      new DatasetOptions(1, false, SplitKind.PIECE, 0, 8, 2);
  private static final TrainingSettings SETTINGS =
      new TrainingSettings(
          "seed",
          OPTIONS,
          new LstmComposer.Sizes(5, 4, 4, 1, 4, 0).toJson(),
          16,
          1e-2,
          0,
          Precision.FP32);

  @TempDir Path folder;

  private static MusicDataset dataset(String lastPiece, SplitKind split) {
    List<TokenizedPiece> pieces =
        IntStream.range(0, 4)
            .mapToObj(
                p ->
                    new TokenizedPiece(
                        "p" + p, List.of((p == 3 ? lastPiece : "01234".repeat(p + 4)).split(""))))
            .toList();
    return MusicDataset.prepare(pieces, OPTIONS.withSplit(split));
  }

  private static MusicDataset dataset() {
    return dataset("43210".repeat(7), SplitKind.PIECE);
  }

  private MusicTraining start(TrainingListener... listeners) throws IOException {
    Files.createDirectories(folder);
    return MusicTraining.start(
        new ModelDirectory(folder), SETTINGS, dataset(), Device.best(), listeners);
  }

  @Test
  void lastIsWrittenAfterAllOthers() throws IOException {
    // In the way of metrics.csv.
    Files.createDirectories(folder.resolve("metrics.csv/full"));

    assertThrows(IOException.class, () -> start().run(1));

    assertTrue(Files.exists(folder.resolve("best/model.json")));
    assertFalse(Files.exists(folder.resolve("last")));
  }

  @Test
  void aListenerThatThrowsKeepsTheEpochFromBeingSaved() throws IOException {
    TrainingListener refuses =
        new TrainingListener() {
          @Override
          public void onEpochEnd(TrainingState state) {
            throw new IllegalStateException("diverged");
          }
        };

    assertThrows(IllegalStateException.class, () -> start(refuses).run(1));

    try (var files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void theModelNamesThePiecesOfEveryPart() throws IOException {
    start().run(1);

    TrainedModel model = TrainedModel.open(folder.resolve("last"), Device.best());

    assertEquals(4, model.pieces().size());
    assertEquals(
        List.of("test", "train", "validation"),
        model.pieces().stream().map(LearnedPiece::part).distinct().sorted().toList());
    assertEquals(LearnedPiece.all(dataset()), model.pieces());
    var pieceP0 = new TokenizedPiece("", List.of("01234".repeat(4).split("")));
    assertTrue(
        model.pieces().stream()
            .anyMatch(
                piece ->
                    piece.title().equals("p0") && piece.sha256().equals(pieceP0.fingerprint())));
  }

  @Test
  void otherPiecesAreNotContinuedOn() throws IOException {
    start().run(1);
    MusicDataset other = dataset("eeee43210".repeat(4), SplitKind.PIECE);

    var thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> MusicTraining.resume(new ModelDirectory(folder), SETTINGS, other, Device.best()));

    String message = String.valueOf(thrown.getMessage());
    assertTrue(
        message.contains("pieces: of 4 1 are not among the 4 there, of which 1 are missing"),
        message);
  }

  @Test
  void splitByWindowEveryPieceIsNamedOnce() {
    List<LearnedPiece> all = LearnedPiece.all(dataset("43210".repeat(7), SplitKind.WINDOW));

    assertEquals(
        List.of("train p0", "train p1", "train p2", "train p3"),
        all.stream().map(piece -> piece.part() + " " + piece.title()).toList());
  }
}
