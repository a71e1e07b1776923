package dev.impromptu.music.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeedTokenizerTest {
  private final SeedTokenizer tokenizer = new SeedTokenizer();

  private static Part part(Note... notes) {
    return new Part("", List.of(notes));
  }

  private static Score score(Part... parts) {
    return new Score("test", 480, List.of(parts), List.of());
  }

  private static Note note(int pitch, int onset, int release) {
    return new Note(pitch, onset, release - onset, 64);
  }

  @Test
  void aNoteIsItsNameAndOctave() {
    assertEquals(
        List.of("C4", "E-3", "B-7"),
        tokenizer.tokens(score(part(note(60, 0, 9), note(51, 480, 500), note(106, 960, 999)))));
  }

  @Test
  void notesStruckAndReleasedTogetherAreAChordInNormalOrder() {
    assertEquals(
        List.of("9.0.4"),
        tokenizer.tokens(score(part(note(76, 0, 480), note(57, 30, 450), note(60, 12, 510)))));
  }

  @Test
  void notesReleasedApartAreSingleNotes() {
    assertEquals(
        List.of("C4", "E4"), tokenizer.tokens(score(part(note(60, 0, 480), note(64, 0, 511)))));
  }

  @Test
  void nearnessIsMeasuredFromTheFirstNoteOfTheChord() {
    assertEquals(
        List.of("0.4", "G4"),
        tokenizer.tokens(score(part(note(60, 0, 480), note(64, 30, 480), note(67, 31, 480)))));
  }

  @Test
  void aContinuationBeginsOnTheWholeBeatAfterTheLastRelease() {
    Score primer = score(part(note(60, 0, 500)));

    Score added = tokenizer.continuation(primer, List.of("C4"), List.of("D4", "E4"));

    assertEquals(
        List.of(960, 1200), added.parts().getFirst().notes().stream().map(Note::onset).toList());
  }

  /** Its last release is 4 ticks after the first beat. */
  @Test
  void aContinuationCountsThePrimersBeatsInThePrimersTicks() {
    Score primer = new Score("", 96, List.of(part(note(60, 0, 100))), List.of());

    Score added = tokenizer.continuation(primer, List.of("C4"), List.of("D4", "E4"));

    assertEquals(
        List.of(960, 1200), added.parts().getFirst().notes().stream().map(Note::onset).toList());
  }

  @Test
  void nearnessIsMeasuredInBeatsNotTicks() {
    for (int release : new int[] {1020, 1021}) {
      Part part = part(note(60, 0, 960), note(64, 0, release));
      assertEquals(
          release == 1020 ? List.of("0.4") : List.of("C4", "E4"),
          tokenizer.tokens(new Score("", 960, List.of(part), List.of())));
    }
  }

  @Test
  void octavesCollapseIntoOneClass() {
    assertEquals(List.of("5"), tokenizer.tokens(score(part(note(53, 0, 480), note(65, 0, 480)))));
  }

  @Test
  void partsAreMergedByRoundedOnset() {
    Part right = part(note(72, 0, 100), note(74, 250, 400));
    Part left = part(note(48, 5, 100), note(50, 235, 400));

    assertEquals(List.of("C5", "C3", "D5", "D3"), tokenizer.tokens(score(right, left)));
  }

  @Test
  void onsetsAreRoundedToQuartersAndThirdsOfABeat() {
    assertEquals(0, SeedTokenizer.quantised(60, 480));
    assertEquals(3, SeedTokenizer.quantised(61, 480));
    assertEquals(3, SeedTokenizer.quantised(140, 480), "a quarter wins the tie with a third");
    assertEquals(4, SeedTokenizer.quantised(141, 480));
    assertEquals(12 * 4_000_000L, SeedTokenizer.quantised(480 * 4_000_000, 480));
  }

  @Test
  void wordsAreHeardOnASteadyGridAndReadBackTheSame() {
    List<String> words = List.of("C4", "9.0.4", "C4", "5", "E-2", "2.5.8.11", "B1");

    Score heard = tokenizer.score("heard", words);

    assertEquals(words, tokenizer.tokens(heard));
    assertEquals(240, heard.parts().getFirst().notes().get(1).onset());
  }

  @Test
  void everyPianoKeyIsReadBackTheSame() {
    for (int pitch = 12; pitch < 128; pitch++) {
      assertArrayEquals(new int[] {pitch}, SeedTokenizer.pitches(SeedTokenizer.noteName(pitch)));
    }
  }

  @Test
  void wordsOfOtherTokenizersAreRefused() {
    for (String word : new ArrayList<>(List.of("", "H4", "C", "12", "4..7", "C10", "G#9", "x"))) {
      assertThrows(IllegalArgumentException.class, () -> tokenizer.score("", List.of(word)), word);
    }
  }

  /** As the original gathers them: each first note goes through all that are struck with it. */
  private static List<String> gatheredOneByOne(List<Note> notes) {
    var words = new ArrayList<String>();
    boolean[] gathered = new boolean[notes.size()];
    for (int i = 0; i < notes.size(); i++) {
      Note first = notes.get(i);
      if (gathered[i]) {
        continue;
      }
      var chord = new ArrayList<Note>(List.of(first));
      for (int j = i + 1; j < notes.size(); j++) {
        Note other = notes.get(j);
        if (!gathered[j]
            && Math.abs(other.onset() - first.onset()) <= 30
            && Math.abs(other.release() - first.release()) <= 30) {
          gathered[j] = true;
          chord.add(other);
        }
      }
      int classes =
          chord.stream().mapToInt(note -> 1 << note.pitch() % 12).reduce(0, (a, b) -> a | b);
      words.add(
          chord.size() == 1
              ? SeedTokenizer.noteName(first.pitch())
              : Arrays.stream(NormalOrder.of(classes))
                  .mapToObj(Integer::toString)
                  .collect(Collectors.joining(".")));
    }
    return words;
  }

  @Test
  void chordsAreGatheredAsByGoingThroughAllNotes() {
    var random = new SplittableRandom(5);
    for (int round = 0; round < 200; round++) {
      List<Note> notes =
          IntStream.range(0, 60)
              .mapToObj(i -> note(40 + random.nextInt(40), 5 * i, 5 * i + 100 + random.nextInt(90)))
              .toList();
      assertEquals(
          gatheredOneByOne(notes),
          tokenizer.tokens(new Score("", 480, List.of(new Part("", notes)), List.of())));
    }
  }

  @Test
  void manyNotesOfOneTickAreReadInTime() {
    List<Note> notes =
        IntStream.range(0, 300_000).mapToObj(i -> note(i % 128, 0, 31 * i + 1)).toList();
    Score score = new Score("", 480, List.of(new Part("", notes)), List.of());
    List<String> words =
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> tokenizer.tokens(score));
    assertEquals(300_000, words.size());
  }
}
