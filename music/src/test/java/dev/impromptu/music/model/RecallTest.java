package dev.impromptu.music.model;

import static dev.impromptu.music.data.LetterWindows.ALPHABET;
import static dev.impromptu.music.data.LetterWindows.windows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.music.data.Foreteller;
import dev.impromptu.music.data.Windows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecallTest {
  /** Always says {@code token}, with {@code probability}; the rest goes to the others evenly. */
  private static Foreteller always(char token, double probability) {
    return (windows, from, to) -> {
      float[] rows = new float[(to - from) * 26];
      Arrays.fill(rows, (float) ((1 - probability) / 25));
      for (int row = 0; row < to - from; row++) {
        rows[row * 26 + token - 'a'] = (float) probability;
      }
      return rows;
    };
  }

  private static double accuracy(Foreteller foreteller, Windows windows) {
    return Recall.accuracy(foreteller, windows, judged -> {});
  }

  @Test
  void aPieceThatComesAgainIsForetoldFromItsSecondNoteOn() {
    Windows windows = windows(2, false, ALPHABET + ALPHABET);
    // Of 50 targets c to z are unknown save q, and so is the a behind them; b to z are recalled.
    assertEquals(26 / 50.0, accuracy(always('q', 0.05), windows));
  }

  @Test
  void theMemoryReachesFurtherBackThanTheContextButNotIntoAnotherPiece() {
    assertEquals(0, accuracy(always('q', 0.05), windows(1, false, "abcde", "abcde")));
    // Three notes match in the second abcd, though windows show one: 3 / 7 are more than 4 / 7 of
    // 0.7, which 1 / 5 and 2 / 6 are not.
    Windows windows = windows(1, false, "abcdxabcd");
    assertEquals(8, windows.size());
    assertEquals(2 / 8.0, accuracy(always('x', 0.7), windows)); // The x, and the last d.
  }

  @Test
  void whatComesLaterIsNotKnownYet() {
    // If the memory read ahead, it would know every c.
    Windows windows = windows(1, false, "abac");
    assertEquals(0, accuracy(always('q', 0.05), windows.select(2)));
    assertEquals(1, accuracy(always('q', 0.05), windows(1, false, "abacac").select(4)));
  }

  @Test
  void aSurerModelWins() {
    // Trust is 1 / 5.
    Windows last = windows(1, false, "abax").select(2);
    assertEquals(1, accuracy(always('x', 0.3), last));
    assertEquals(0, accuracy(always('x', 0.2), last));
  }

  @Test
  void aSkippedNoteIsSkippedInTheMemory() {
    // From the second a on what stood two notes behind the last one is recalled.
    Windows windows = windows(1, true, "abcabcabc");
    assertEquals(4 / 7.0, accuracy(always('q', 0.05), windows));
  }

  @Test
  void windowsInAnyOrderAndNumberAreJudgedAlike() {
    String piece = "abcadabraabcadabrabcdab".repeat(30);
    Windows windows = windows(4, false, piece, "zyx" + piece);
    int[] backwards = IntStream.range(0, windows.size()).map(i -> windows.size() - 1 - i).toArray();
    var told = new ArrayList<Integer>();
    assertEquals(
        Recall.accuracy(always('a', 0.2), windows, told::add),
        accuracy(always('a', 0.2), windows.select(backwards)));
    assertEquals(windows.size(), told.getLast());
  }

  @Test
  void noWindowsHaveNoScore() {
    Windows none = windows(2, false, "ab");
    assertThrows(IllegalArgumentException.class, () -> accuracy(always('a', 1), none));
  }
}
