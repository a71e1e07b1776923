package dev.impromptu.music.score;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PedallingTest {
  private static final int BEAT = 480;

  private static Score beats(int[]... chords) {
    var notes = new ArrayList<Note>();
    for (int i = 0; i < chords.length; i++) {
      for (int key : chords[i]) {
        notes.add(new Note(key, i * BEAT, BEAT / 2, 80));
      }
    }
    return new Score("", BEAT, List.of(new Part("", notes)), List.of());
  }

  @Test
  void aHarmonyIsHeldUntilItChanges() {
    Score score = beats(new int[] {48, 52}, new int[] {55}, new int[] {53, 57}, new int[] {60});

    assertEquals(
        List.of(
            new Pedal(40, true),
            new Pedal(2 * BEAT, false),
            new Pedal(2 * BEAT + 40, true),
            new Pedal(4 * BEAT, false)),
        Pedalling.of(score, 0));
  }

  @Test
  void aBeatThatClashesHasNone() {
    assertEquals(List.of(), Pedalling.of(beats(new int[] {59, 60}), 0));
    assertEquals(List.of(), Pedalling.of(beats(new int[] {60, 71}), 0));
  }

  @Test
  void noPedalIsLongerThanABar() {
    int[] same = {60};
    List<Pedal> pedals = Pedalling.of(beats(same, same, same, same, same, same), 0);

    assertEquals(List.of(40, 4 * BEAT), pedals.subList(0, 2).stream().map(Pedal::tick).toList());
  }

  @Test
  void whatBeginsEarlierIsLeftAlone() {
    Score score = beats(new int[] {48}, new int[] {52}, new int[] {55});

    assertEquals(
        List.of(new Pedal(BEAT + 40, true), new Pedal(3 * BEAT, false)), Pedalling.of(score, BEAT));
  }

  @Test
  void thePedalGoesDownNoEarlierThanWhatItIsFor() {
    var late = new Note(60, BEAT + BEAT / 2, BEAT / 2, 80);
    Score score = new Score("", BEAT, List.of(new Part("", List.of(late))), List.of());

    assertEquals(
        List.of(new Pedal(BEAT + 120, true), new Pedal(2 * BEAT, false)),
        Pedalling.of(score, BEAT + 120));
  }
}
