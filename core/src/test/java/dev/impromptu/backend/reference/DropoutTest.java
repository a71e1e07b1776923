package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.assertValues;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.read;
import static dev.impromptu.backend.reference.Values.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.backend.Storage;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DropoutTest {
  private static final PhiloxKey KEY = new PhiloxKey(42, 0, 1);

  private static Storage ones(int length) {
    var x = empty(length);
    BACKEND.fill(x, 1);
    return x;
  }

  private static double[] mask(double rate, PhiloxKey key, int length) {
    var y = ones(length);
    BACKEND.dropout(rate, key, y, y);
    return read(y);
  }

  /** Words from the known answers published with Random123. */
  @Test
  void theMaskFollowsThePublishedWordsOfPhilox() {
    // Counter and key all zero: 6627e8d5 e169c58d bc57ac4c 9b00dbd8.
    var zero = new PhiloxKey(0, 0, 0);
    assertArrayEquals(new double[] {0, 2, 2, 2}, mask(0.5, zero, 4));
    double first = 0x6627e8 * 0x1p-24;
    assertEquals(1 / (1 - first), mask(first, zero, 4)[0], 1e-12, "kept at equality");
    assertEquals(0, mask(Math.nextUp(first), zero, 4)[0]);
  }

  @Test
  void keptElementsGrow() {
    var y = empty(4);
    BACKEND.dropout(0.75, new PhiloxKey(0, 0, 0), values(1, 2, 3, 4), y);
    assertValues(y, 0, 8, 0, 0);
  }

  @Test
  void rateZeroKeepsAllAndRateOneNone() {
    assertArrayEquals(read(ones(9)), mask(0, KEY, 9));
    assertArrayEquals(new double[9], mask(1, KEY, 9));
  }

  @Test
  void dropsAboutTheRate() {
    long dropped = Arrays.stream(mask(0.3, KEY, 100_000)).filter(v -> v == 0).count();
    assertEquals(30_000, dropped, 600);
  }

  @Test
  void theSameKeyGivesTheSameMaskWhateverTheLength() {
    assertArrayEquals(mask(0.5, KEY, 64), Arrays.copyOf(mask(0.5, KEY, 129), 64));
  }

  @Test
  void everyPartOfTheKeyCounts() {
    var mask = mask(0.5, KEY, 64);
    for (var other :
        new PhiloxKey[] {
          new PhiloxKey(43, 0, 1),
          new PhiloxKey(42 | 1L << 32, 0, 1),
          new PhiloxKey(42, 1, 1),
          new PhiloxKey(42, 0, 2),
          new PhiloxKey(42, 0, 1 | 1L << 32)
        }) {
      assertFalse(Arrays.equals(mask, mask(0.5, other, 64)), other.toString());
    }
  }
}
