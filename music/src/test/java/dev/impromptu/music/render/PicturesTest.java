package dev.impromptu.music.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesTest {
  @TempDir Path folder;

  private static Score scale(int beats) {
    return new Score(
        "Scale",
        480,
        List.of(
            new Part(
                "",
                IntStream.range(0, beats)
                    .mapToObj(i -> new Note(48 + i % 25, i * 480, 480, 20 + i % 100))
                    .toList())),
        List.of());
  }

  @Test
  void aPianoRollIsAPngThatShowsNotesAndPrimerInDifferentColours() throws Exception {
    Path file = folder.resolve("roll.png");
    PianoRoll.write(scale(32), OptionalDouble.of(8), file);
    var image = ImageIO.read(file.toFile());
    var plain = PianoRoll.image(scale(32), OptionalDouble.empty());
    int differing = 0;
    for (int x = 0; x < image.getWidth(); x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        if (image.getRGB(x, y) != plain.getRGB(x, y)) {
          differing++;
        }
      }
    }

    assertEquals(plain.getWidth(), image.getWidth());
    assertTrue(differing > 500, "only " + differing + " pixels show the primer");
  }

  @Test
  void theHigherNoteStandsHigher() {
    var notes = List.of(new Note(60, 0, 960, 110), new Note(72, 960, 960, 110));
    var score = new Score("", 480, List.of(new Part("", notes)), List.of());
    var image = PianoRoll.image(score, OptionalDouble.empty());
    int low = darkest(image, image.getWidth() / 4);
    int high = darkest(image, image.getWidth() * 3 / 4);

    assertTrue(high < low, "C5 is drawn at " + high + ", C4 at " + low);
  }

  /** The row of the darkest pixel of a column. */
  private static int darkest(BufferedImage image, int x) {
    return IntStream.range(0, image.getHeight())
        .boxed()
        .min(
            Comparator.comparingInt(
                y -> {
                  var colour = new Color(image.getRGB(x, y));
                  return colour.getRed() + colour.getGreen() + colour.getBlue();
                }))
        .orElseThrow();
  }

  @Test
  void everySignalIsDrawnBelowTheOneBefore() throws Exception {
    Path file = folder.resolve("signals.png");
    double[] wave = IntStream.range(0, 100).mapToDouble(Math::sin).toArray();
    Signals.write(List.of(new Signals.Pair("one", wave, wave)), file);
    int height = ImageIO.read(file.toFile()).getHeight();
    Signals.write(
        List.of(new Signals.Pair("one", wave, wave), new Signals.Pair("two", wave, wave)), file);

    assertEquals(2 * height, ImageIO.read(file.toFile()).getHeight());
    assertThrows(IllegalArgumentException.class, () -> Signals.write(List.of(), file));
  }

  @Test
  void veryLongAndEmptyScoresStillGiveAPicture() {
    assertTrue(PianoRoll.image(scale(20_000), OptionalDouble.empty()).getWidth() < 6200);
    assertTrue(PianoRoll.image(scale(0), OptionalDouble.empty()).getWidth() > 1000);
  }

  @Test
  void curvesAreAPngOfTwoPlots() throws Exception {
    Path file = folder.resolve("curves.png");
    Curves.write(epochs(90), "LSTM", file);
    var image = ImageIO.read(file.toFile());

    assertTrue(image.getWidth() > 2 * image.getHeight());
    assertNotEquals(image.getRGB(2, 2), image.getRGB(360, 240));
  }

  @Test
  void oneEpochAndMissingFiguresAreDrawn() throws Exception {
    Curves.write(epochs(1), "LSTM", folder.resolve("one.png"));
    Curves.write(
        List.of(new Curves.Epoch(0, 1, Double.NaN, 1, Double.POSITIVE_INFINITY, 2)),
        "LSTM",
        folder.resolve("missing.png"));

    assertThrows(
        IllegalArgumentException.class,
        () -> Curves.write(List.of(), "LSTM", folder.resolve("none.png")));
  }

  private static List<Curves.Epoch> epochs(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new Curves.Epoch(
                    i,
                    i < 25 ? 1 : i < 45 ? 4 : 8,
                    5 * Math.exp(-i / 30.0),
                    90 * (1 - Math.exp(-i / 30.0)),
                    5.2 * Math.exp(-i / 40.0),
                    85 * (1 - Math.exp(-i / 40.0))))
        .toList();
  }
}
