package dev.impromptu.music;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.data.Baselines;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.SplitKind;
import dev.impromptu.music.midi.MidiFile;
import dev.impromptu.music.token.RhythmTokenizer;
import dev.impromptu.music.token.SeedTokenizer;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The figures of the original project, on its own pieces. */
@EnabledIfSystemProperty(named = Schubert.PROPERTY, matches = ".+")
class SchubertTest {
  private final SeedTokenizer tokenizer = new SeedTokenizer();

  @Test
  void allPiecesGiveTheTokensOfTheOriginal() throws IOException {
    var golden = Schubert.goldenTokens();
    List<MidiFile> files = Schubert.files();

    assertEquals(29, golden.size());
    assertEquals(29, files.size());
    for (MidiFile file : files) {
      assertEquals(List.of(), file.repairs(), file.score().title());
      assertEquals(golden.get(file.score().title()), tokenizer.tokens(file.score()));
    }
  }

  @Test
  void theWindowSplitHasTheFiguresOfTheOriginal() throws IOException {
    var dataset = prepare(DatasetOptions.DEFAULTS.withSkipNote(true).withSplit(SplitKind.WINDOW));

    assertEquals(83_121, dataset.tokens());
    assertEquals(1_824, dataset.dropped());
    assertEquals(308, dataset.typesBefore());
    assertEquals(173, dataset.vocabulary().size());
    assertEquals(80_137, dataset.windowCount());
    assertEquals(56_095, dataset.training().windows().size());
    assertEquals(16_028, dataset.validation().windows().size());
    assertEquals(8_014, dataset.test().windows().size());
  }

  @Test
  void aTableOfTheTrainingWindowsKnowsNearlyAllTestWindowsOfTheOriginal() throws IOException {
    var dataset = prepare(DatasetOptions.DEFAULTS.withSkipNote(true).withSplit(SplitKind.WINDOW));
    var training = dataset.training().windows();

    assertEquals(0.994, Baselines.lookup(training, dataset.test().windows(), 1), 0.002);
  }

  @Test
  void thePieceSplitComesCloseToSeventyTwentyTen() throws IOException {
    var dataset = prepare(DatasetOptions.DEFAULTS);
    double windows = dataset.windowCount();

    assertEquals(0.7, dataset.training().windows().size() / windows, 0.02);
    assertEquals(0.2, dataset.validation().windows().size() / windows, 0.02);
    assertEquals(0.1, dataset.test().windows().size() / windows, 0.02);
  }

  @Test
  void rhythmTokensKeepNearlyEveryNote() throws IOException {
    var rhythm = new RhythmTokenizer();
    int notes = 0;
    int kept = 0;
    int tokens = 0;
    for (MidiFile file : Schubert.files()) {
      List<String> words = rhythm.tokens(file.score());
      notes += file.score().noteCount();
      kept += Kept.notes(file.score(), rhythm.score("", words));
      tokens += words.size();
    }
    System.out.printf(
        Locale.ROOT,
        "rhythm tokens: %d of %d Schubert notes kept (%.3f %%), %.3f tokens a note%n",
        kept,
        notes,
        100.0 * kept / notes,
        (double) tokens / notes);

    assertTrue(kept >= 0.99 * notes, kept + " of " + notes);
  }

  private MusicDataset prepare(DatasetOptions options) throws IOException {
    var scores = Schubert.files().stream().map(MidiFile::score).toList();
    return MusicDataset.prepare(MusicDataset.tokenize(scores, tokenizer), options);
  }
}
