package dev.impromptu.music.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PieceMemoryTest {
  private static PieceMemory heard(String letters) {
    var memory = new PieceMemory();
    letters.chars().forEach(letter -> memory.heard(letter - 'a'));
    return memory;
  }

  private static void assertRecalls(int matched, char token, String letters) {
    assertEquals(matched, heard(letters).matched(), letters);
    assertEquals(token - 'a', heard(letters).recalled(), letters);
  }

  @Test
  void itNamesWhatStoodBehindTheLongestEndThatStoodBefore() {
    assertRecalls(1, 'b', "abcda");
    assertRecalls(2, 'c', "abcdab");
    // The longer end stands further back.
    assertRecalls(3, 'x', "abcxbcyabc");
    // Of equally long ones the latest.
    assertRecalls(2, 'y', "abxabyab");
    // An end may overlap its earlier place.
    assertRecalls(3, 'a', "aaaa");
  }

  @Test
  void whatNeverStoodBeforeRecallsNothing() {
    for (String letters : new String[] {"", "a", "abcd"}) {
      assertEquals(0, heard(letters).matched());
      assertEquals(-1, heard(letters).recalled());
      assertEquals(0, heard(letters).trust());
    }
    assertThrows(IllegalArgumentException.class, () -> new PieceMemory().heard(-1));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 40})
  void itFindsWhatComparingEveryPlaceFinds(int types) {
    var random = new SplittableRandom(types);
    int[] piece = new int[300];
    var memory = new PieceMemory();
    for (int length = 1; length <= piece.length; length++) {
      // Every third stretch of 50 is the first one again, so that long ends are met.
      int at = length - 1;
      piece[at] = at >= 50 && at / 50 % 3 == 0 ? piece[at % 50] : random.nextInt(types);
      memory.heard(piece[at]);

      int matched = 0;
      int place = -1;
      for (int end = length - 1; end >= 1; end--) {
        int equal = 0;
        while (equal < Math.min(end, PieceMemory.LONGEST)
            && piece[end - 1 - equal] == piece[length - 1 - equal]) {
          equal++;
        }
        if (equal > matched) {
          matched = equal;
          place = end;
        }
      }
      assertEquals(matched, memory.matched());
      assertEquals(matched == 0 ? -1 : piece[place], memory.recalled());
      int further = place + 2;
      assertEquals(matched == 0 || further >= length ? -1 : piece[further], memory.recalled(2));
    }
    assertTrue(types == 40 || memory.matched() > 0);
  }

  @Test
  void whatIsRecalledTakesItsShareOfTheProbability() {
    PieceMemory memory = heard("abcdab"); // c, with a trust of 2 / (2 + 4)
    assertEquals(1 / 3.0, memory.trust(), 1e-15);
    float[] logits = {1, 2, 0.5f, -3, Float.NEGATIVE_INFINITY};
    double total = Math.exp(1) + Math.exp(2) + Math.exp(0.5) + Math.exp(-3);

    float[] mixed = memory.mix(logits, 0.75);

    double sum = 0;
    for (int id = 0; id < logits.length; id++) {
      double expected = 0.75 * Math.exp(logits[id]) / total + (id == 2 ? 0.25 : 0);
      assertEquals(expected, Math.exp(mixed[id]), 1e-6);
      sum += Math.exp(mixed[id]);
    }
    assertEquals(1, sum, 1e-6);
  }

  @Test
  void largeLogitsStayFinite() {
    float[] mixed = heard("aba").mix(new float[] {3000, -3000}, 1);
    assertArrayEquals(new float[] {(float) Math.log(0.8), (float) Math.log(0.2)}, mixed, 1e-6f);
  }

  @Test
  void whereNothingIsRecalledLogitsStay() {
    float[] logits = {1, 2, 3};
    assertSame(logits, heard("abc").mix(logits, 1));
    assertSame(logits, heard("aba").mix(logits, 0));
    // A token that the model does not know.
    assertSame(logits, heard("aza").mix(logits, 1));
    float[] impossible = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
    assertSame(impossible, heard("aba").mix(impossible, 1));
  }

  @Test
  void onlyTheLatestPlacesOfATokenAreLookedAt() {
    for (int between : new int[] {4095, 4096}) {
      var memory = new PieceMemory();
      memory.heard(7);
      memory.heard(1);
      memory.heard(9);
      for (int i = 0; i < between; i++) {
        memory.heard(1);
        memory.heard(2 + i % 2);
      }
      // Now two tokens match at the beginning, which is the 4,096th place back, or the 4,097th.
      memory.heard(7);
      memory.heard(1);
      assertEquals(between == 4095 ? 2 : 1, memory.matched());
    }
  }
}
