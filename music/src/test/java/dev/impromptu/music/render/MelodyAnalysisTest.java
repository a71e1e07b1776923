package dev.impromptu.music.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MelodyAnalysisTest {
  private static final int BEAT = 480;

  private static Score melody(int... keys) {
    List<Note> notes = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      notes.add(new Note(keys[i], i * BEAT, BEAT, 80));
      // An accompaniment below, which is no part of the melody.
      notes.add(new Note(keys[i] - 24, i * BEAT, BEAT / 3, 80));
    }
    return new Score("", BEAT, List.of(new Part("", notes)), List.of());
  }

  @Test
  void theRangeIsThatOfTheHighestNotesInTwoOctaves() {
    assertEquals(0.5, MelodyAnalysis.of(melody(67, 60, 72, 64)).get("pitch_range"));
    assertEquals(1.0, MelodyAnalysis.of(melody(67, 60, 84, 64)).get("pitch_range"));
  }

  @Test
  void repeatedPitchesAreCounted() {
    assertEquals(0.0, MelodyAnalysis.of(melody(60, 62, 64, 65)).get("repeated_pitch_density"));
    assertEquals(1.0, MelodyAnalysis.of(melody(60, 60, 60, 60)).get("repeated_pitch_density"));
  }

  @Test
  void everyStatisticOfALongMelodyIsANumberFromZeroToOne() {
    Map<String, Double> statistics =
        MelodyAnalysis.of(melody(60, 62, 64, 72, 71, 67, 65, 65, 67, 60, 59, 62, 74, 72, 60, 62));

    assertTrue(statistics.size() > 15, statistics.toString());
    statistics.forEach((name, value) -> assertTrue(value >= 0 && value <= 1, name + " " + value));
  }

  @Test
  void theKeyIsThatOfTheScale() {
    assertEquals(
        new MelodyAnalysis.Key(2, false),
        MelodyAnalysis.key(melody(62, 64, 66, 67, 69, 71, 73, 74, 69, 62)));
    assertEquals(
        new MelodyAnalysis.Key(9, true),
        MelodyAnalysis.key(melody(69, 71, 72, 74, 76, 77, 80, 81, 76, 69)));
  }

  @Test
  void aMelodyOfOneNoteHasNone() {
    assertEquals(Map.of(), MelodyAnalysis.of(melody(60)));
    assertEquals(Map.of(), MelodyAnalysis.of(melody()));
  }

  /** The second half of the melody alone repeats its notes. */
  @Test
  void ofALongMelodyOnlyTheBeginningIsLookedAt() {
    int[] keys = new int[2 * MelodyAnalysis.MOST_NOTES];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = i < MelodyAnalysis.MOST_NOTES ? 60 + i % 12 : 72;
    }
    Score score = melody(keys);

    assertEquals(0.0, MelodyAnalysis.of(score).get("repeated_pitch_density"));
    assertEquals(keys.length, MelodyAnalysis.length(score));
  }
}
