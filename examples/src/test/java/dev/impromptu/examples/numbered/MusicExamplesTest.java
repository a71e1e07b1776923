package dev.impromptu.examples.numbered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.SplitKind;
import dev.impromptu.music.train.Curriculum;
import dev.impromptu.train.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MusicExamplesTest {
  @Test
  void aWindowIsShownAsWordsAndAsIds() {
    String shown = Example02Windows.first(Example02Windows.dataset(DatasetOptions.DEFAULTS));
    List<String> lines = shown.lines().toList();
    assertEquals(3, lines.size());
    assertEquals(1 + 32, lines.get(0).split(" +").length);
    assertEquals(1 + 8, lines.get(2).split(" +").length);
  }

  @Test
  void theCurriculumChangesTheTaskAfterItsFirstPhase() {
    MusicDataset dataset =
        Example02Windows.dataset(new DatasetOptions(3, false, SplitKind.PASSAGE, 0, 8, 4));
    var history = Example03Curriculum.train(dataset, 1, 1);
    assertEquals(2, history.size());
    assertEquals(4 * history.get(0).validation().total(), history.get(1).validation().total());
    // Better than believing that all tokens are as likely.
    double even = Math.log(dataset.vocabulary().size());
    for (var epoch : history) {
      for (Metrics part : List.of(epoch.training(), epoch.validation())) {
        // The losses of all tokens foretold after an example are added up.
        assertTrue(part.loss() < even * part.total() / part.examples(), epoch + ", even " + even);
      }
    }
  }

  @Test
  void aWholeRunLeavesAModelAndItsScores(@TempDir Path folder) throws IOException {
    var scores = Example04Training.train(folder, Curriculum.parse("1x1,2x1"), 1024);
    List<String> metrics = Files.readAllLines(folder.resolve("metrics.csv"));
    assertEquals(3, metrics.size());
    List<String> names = List.of(metrics.getFirst().split(","));
    String[] last = metrics.getLast().split(",");
    // The losses of both tokens foretold after an example are added up.
    assertEquals("2", last[names.indexOf("steps_ahead")]);
    int vocabulary = Example02Windows.dataset(DatasetOptions.DEFAULTS).vocabulary().size();
    double even = 2 * Math.log(vocabulary);
    for (String loss : List.of("train_loss", "validation_loss")) {
      double met = Double.parseDouble(last[names.indexOf(loss)]);
      assertTrue(met < even, loss + " of " + metrics + ", even " + even);
    }
    assertTrue(scores.network() >= 0 && scores.ngram() > 0, scores.toString());
  }
}
