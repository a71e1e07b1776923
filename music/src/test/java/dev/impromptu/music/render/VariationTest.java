package dev.impromptu.music.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Pedal;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class VariationTest {
  private static Score score(int... keys) {
    List<Note> notes = Arrays.stream(keys).mapToObj(key -> new Note(key, 5, 7, 90)).toList();
    return new Score(
        "x",
        96,
        List.of(new Part("right", notes), new Part("left", List.of())),
        List.of(new Tempo(0, 80)),
        List.of(new Pedal(3, true)));
  }

  private static List<Integer> keys(Score score) {
    return score.parts().getFirst().notes().stream().map(Note::pitch).toList();
  }

  @Test
  void aTranspositionMovesEveryKeyAndNothingElse() {
    Score moved = Variation.transposed(score(60, 64, 64), -5);

    assertEquals(score(55, 59, 59), moved);
    assertEquals(score(60, 64, 64), Variation.transposed(moved, 5));
  }

  @Test
  void keysThatDoNotExistAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Variation.transposed(score(2), -3));
    assertThrows(IllegalArgumentException.class, () -> Variation.transposed(score(120), 8));
  }

  @Test
  void allKeysAreThoseThatFitOnThePiano() {
    assertEquals(12, Variation.inAllKeys(score(60, 72), 5, 6).size());
    assertEquals(
        List.of(23, 24, 25),
        Variation.inAllKeys(score(23, 106), 0, 5).stream()
            .map(moved -> keys(moved).getFirst())
            .toList());
    assertEquals(1, Variation.inAllKeys(score(3), 5, 6).size());
  }
}
