package dev.impromptu.music.data;

import static dev.impromptu.music.data.LetterWindows.windows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NGramTest {
  /** Two letters drawn by a seed, then the first of the two again, and so on. */
  private static String pairs(long seed) {
    var random = new SplittableRandom(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      char first = (char) ('a' + random.nextInt(5));
      char second = (char) ('a' + random.nextInt(5));
      text.append(first).append(second).append(first);
    }
    return text.toString();
  }

  @Test
  void aRuleOfTwoLettersIsFoundByAnOrderOfThree() {
    // The third letter repeats the first: nothing shorter than two letters tells that.
    String cycle = "abacbcdcdede".repeat(20);
    Windows training = windows(8, false, cycle);
    NGram best = NGram.best(training, training);
    assertEquals(1, best.accuracy(training));
    assertTrue(best.order() >= 3, "order " + best.order());
  }

  @Test
  void theOrderIsTheOneThatDoesBestOnValidation() {
    Windows training = windows(8, false, pairs(1), pairs(2), pairs(3));
    Windows validation = windows(8, false, pairs(4));
    NGram best = NGram.best(training, validation);
    assertTrue(best.accuracy(validation) > 0.3, "right: " + best.accuracy(validation));
    assertEquals(best.order() - 1, best.discounts().size());
  }

  /**
   * Worked out by hand: d follows only c, but often; a and b each follow two letters. So after an
   * unknown context a Kneser–Ney model names a, where counts alone would name d.
   */
  @Test
  void ofShortContextsCountsWhatStoodBeforeThem() {
    Windows training = windows(1, false, "cdcdcdcdcd", "baeab", "ab");
    NGram best = NGram.best(training, windows(1, false, "ba", "ab", "ea", "cd"));
    // After d of the first piece stood only c; after b only a.
    assertEquals(1, best.accuracy(windows(1, false, "ba", "cd", "dc")));
  }

  @Test
  void aSkippedNoteIsSkippedInTheCountsToo() {
    Windows training = windows(2, true, "abcde".repeat(5));
    NGram best = NGram.best(training, training);
    assertEquals(1, best.accuracy(training));
  }

  @Test
  void emptyPartsAreRefused() {
    Windows some = windows(2, false, "abc");
    Windows none = windows(2, false, "ab");
    assertThrows(IllegalArgumentException.class, () -> NGram.best(none, some));
    assertThrows(IllegalArgumentException.class, () -> NGram.best(some, none));
    assertThrows(IllegalArgumentException.class, () -> NGram.best(some, some).accuracy(none));
  }

  @Test
  void itForetellsAlikeInRowsAndInShares() {
    Windows windows = windows(4, false, "abcadabaabcadabaabcdab");
    NGram ngram = NGram.best(windows, windows);
    float[] rows = ngram.probabilities(windows, 3, windows.size());
    int count = windows.size() - 3;
    int tokens = rows.length / count;
    int right = 0;
    for (int row = 0; row < count; row++) {
      double sum = 0;
      int best = 0;
      for (int token = 0; token < tokens; token++) {
        sum += rows[row * tokens + token];
        best = rows[row * tokens + token] > rows[row * tokens + best] ? token : best;
      }
      assertEquals(1, sum, 1e-6);
      right += best == windows.target(3 + row, 0) ? 1 : 0;
    }
    int[] all = IntStream.range(3, windows.size()).toArray();
    assertEquals(ngram.accuracy(windows.select(all)), (double) right / count, 1e-12);
  }
}
