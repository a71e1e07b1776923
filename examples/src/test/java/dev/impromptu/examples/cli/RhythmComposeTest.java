package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.midi.MidiReader;
import dev.impromptu.music.originality.Fingerprint;
import dev.impromptu.music.render.MidiWriter;
import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.train.TrainedModel;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RhythmComposeTest {
  @TempDir static Path models;
  private static Path model = Path.of("");

  @TempDir Path folder;

  @BeforeAll
  static void trainOnce() throws IOException {
    Path tunes = Tunes.folder(models.resolve("tunes"));
    model = Tunes.model(tunes, "rhythm", models.resolve("model"));
  }

  private Ran compose(String out, Object... more) {
    List<Object> words = new ArrayList<>(List.of("compose", "--model", model));
    words.addAll(List.of("--out", folder.resolve(out)));
    words.addAll(List.of(more));
    return Ran.impromptu(words.toArray());
  }

  private Score score(String name) throws IOException {
    return MidiReader.read(folder.resolve(name)).score();
  }

  private static List<Note> notes(Score score) {
    return score.parts().stream()
        .flatMap(part -> part.notes().stream())
        .sorted(Comparator.comparingInt(Note::onset).thenComparingInt(Note::pitch))
        .toList();
  }

  @Test
  void notesAreCountedWhateverElseTheTokensTell() throws IOException {
    Path primer = folder.resolve("primer.mid");
    MidiWriter.write(Tunes.tune(3, 20), primer);

    Ran ran = compose("a.mid", "--primer", primer, "--notes", 30).well();

    assertEquals(50, ran.number("notes"));
    assertTrue(ran.number("primer_tokens") > 20, ran.out());
  }

  @Test
  void thePieceHoldsThePrimerFirstAndGoesOnInItsTime() throws IOException {
    Path primer = folder.resolve("primer.mid");
    MidiWriter.write(Tunes.tune(3, 40), primer);

    compose("a.mid", "--primer", primer, "--notes", 40).well();

    List<Note> given = notes(MidiReader.read(primer).score());
    List<Note> composed = notes(score("a.mid"));
    assertTrue(composed.containsAll(given), "every note of the primer");
    int last = given.getLast().onset();
    List<Note> added = new ArrayList<>(composed);
    given.forEach(added::remove);
    assertEquals(40, added.size());
    assertTrue(added.stream().allMatch(note -> note.onset() >= last), "the rest comes after");
    assertTrue(added.getFirst().onset() <= last + 5 * Tunes.TICKS, "without a long rest");
    assertEquals(100, score("a.mid").tempos().getFirst().beatsPerMinute(), 0.01);
  }

  @Test
  void aPieceWithoutPrimerHasTheTempoThatItsOwnTells() throws IOException {
    compose("a.mid", "--notes", 8).well();
    assertEquals(100, score("a.mid").tempos().getFirst().beatsPerMinute(), 0.01);
  }

  @Test
  void whatIsComposedIsPedalled() throws IOException {
    compose("a.mid", "--notes", 60).well();
    assertTrue(score("a.mid").pedals().size() >= 4, score("a.mid").pedals().toString());
  }

  @Test
  void oneSeedGivesEqualFiles() throws IOException {
    compose("a.mid", "--seed", 4).well();
    compose("b.mid", "--seed", 4).well();
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("a.mid")), Files.readAllBytes(folder.resolve("b.mid")));
  }

  @Test
  void aModelWithoutNotesSaysSo() throws IOException {
    Path tunes = Tunes.folder(folder.resolve("tunes"));
    Path deaf = Tunes.model(tunes, "rhythm", 300, folder.resolve("deaf"));
    Ran.impromptu("compose", "--model", deaf, "--out", folder.resolve("a.mid"))
        .refused(1, "of the 1 tokens that the model knows is a note");
  }

  @Test
  void noRunLongerThanAskedForStandsInAPieceLearnedFrom() throws IOException {
    for (int limit : new int[] {5, 8}) {
      Ran ran = compose("a.mid", "--max-copy", limit, "--notes", 60).well();
      assertTrue(told(ran, "longest_copy") <= limit, ran.out());
      assertTrue(told(ran, "primer_copy") <= limit, ran.out());
      assertTrue(longestCopy("a.mid") <= limit, ran.out());
    }
  }

  @Test
  void whatTheTwoLinesTellIsTheLongestRunOfTheFile() throws IOException {
    for (int seed = 0; seed < 5; seed++) {
      Ran ran = compose("a.mid", "--seed", seed, "--notes", 20).well();
      assertEquals(
          longestCopy("a.mid"),
          Math.max(told(ran, "longest_copy"), told(ran, "primer_copy")),
          ran.out());
    }
  }

  @Test
  void aPrimerThatQuotesIsToldAndNoLongRunGoesOnFromIt() throws IOException {
    Path primer = folder.resolve("primer.mid");
    MidiWriter.write(Tunes.tune(3, 20), primer);

    Ran ran = compose("a.mid", "--primer", primer, "--max-copy", 8, "--notes", 20).well();

    assertEquals(20, told(ran, "primer_copy"));
    assertTrue(told(ran, "longest_copy") <= 8, ran.out());
  }

  private static int told(Ran ran, String line) {
    return Integer.parseInt(ran.figure(line).split(" ")[0]);
  }

  /** Of every note that the file holds. */
  private int longestCopy(String name) throws IOException {
    TrainedModel trained = Models.open(model, true, Device.best());
    int[] ids = trained.vocabulary().encode(trained.tokenizer().tokens(score(name)));
    Fingerprint whole = Fingerprint.of("", trained.tokenizer().reading(trained.vocabulary()), ids);
    return trained.fingerprints().longestCopy(whole).orElseThrow().notes();
  }
}
