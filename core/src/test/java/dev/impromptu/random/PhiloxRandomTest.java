package dev.impromptu.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class PhiloxRandomTest {
  private static final int DRAWS = 200_000;

  @Test
  void drawsTheWordsOfTheBlocksInOrder() {
    PhiloxRandom random = new PhiloxRandom(0x299f31d0_a4093822L, 0x03707344_13198a2eL);
    int[] expected = new int[8];
    Philox.block(0, 0, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, expected, 0);
    Philox.block(1, 0, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, expected, 4);

    assertArrayEquals(expected, random.ints(8).toArray());
  }

  @Test
  void crossesFromTheLowToTheHighCounterWord() {
    PhiloxRandom random = new PhiloxRandom(5, 6, (1L << 34) - 1);
    int[] expected = new int[8];
    Philox.block(-1, 0, 6, 0, 5, 0, expected, 0);
    Philox.block(0, 1, 6, 0, 5, 0, expected, 4);

    assertEquals(expected[3], random.nextInt());
    assertEquals(expected[4], random.nextInt());
  }

  @Test
  void resumesToTheLastBitFromAnyPosition() {
    PhiloxRandom random = new PhiloxRandom(-42, 7);
    for (int i = 0; i < 200; i++) {
      PhiloxRandom resumed = new PhiloxRandom(random.seed(), random.stream(), random.position());
      for (int kind = 0; kind < 6; kind++) {
        assertEquals(draw(random, kind), draw(resumed, kind));
      }
      assertEquals(random.position(), resumed.position());
      random.nextInt();
    }
  }

  private static double draw(PhiloxRandom random, int kind) {
    return switch (kind) {
      case 0 -> random.nextGaussian();
      case 1 -> random.nextFloat();
      case 2 -> random.nextInt(10);
      case 3 -> random.nextLong();
      case 4 -> random.nextDouble();
      default -> random.nextBoolean() ? 1 : 0;
    };
  }

  @Test
  void countsTheWordsItUses() {
    PhiloxRandom random = new PhiloxRandom(1);
    random.nextInt();
    assertEquals(1, random.position());
    random.nextLong();
    assertEquals(3, random.position());
    random.nextFloat();
    assertEquals(4, random.position());
    random.nextDouble();
    assertEquals(6, random.position());
    random.nextGaussian();
    assertEquals(10, random.position());
    random.nextInt(8);
    assertEquals(11, random.position());
  }

  @Test
  void seedsAndStreamsDiffer() {
    int first = new PhiloxRandom(1, 0).nextInt();

    assertNotEquals(first, new PhiloxRandom(2, 0).nextInt());
    assertNotEquals(first, new PhiloxRandom(1, 1).nextInt());
    assertNotEquals(first, new PhiloxRandom(1L << 32, 0).nextInt());
    assertNotEquals(first, new PhiloxRandom(1, 1L << 32).nextInt());
  }

  /** The expected values were computed from the definitions by a separate program. */
  @Test
  void keepsItsValuesFromReleaseToRelease() {
    PhiloxRandom random = new PhiloxRandom(2024);

    assertEquals("9a8b6b73", Integer.toHexString(random.nextInt()));
    assertEquals("fc0ea9b944c09046", Long.toHexString(random.nextLong()));
    assertEquals("0x1.5668cp-4", Float.toHexString(random.nextFloat()));
    assertEquals("0x1.be5b11c962984p-2", Double.toHexString(random.nextDouble()));
    assertEquals("0x1.1044df937500ap0", Double.toHexString(random.nextGaussian()));
    assertEquals("830", Integer.toString(random.nextInt(1000)));
    assertEquals("326290481", Integer.toString(random.nextInt(-1_000_000_000, 2_000_000_000)));
  }

  @Test
  void uniformsFillTheUnitIntervalAndNeverReachOne() {
    for (ToDoubleFunction<PhiloxRandom> draw :
        List.<ToDoubleFunction<PhiloxRandom>>of(
            PhiloxRandom::nextFloat, PhiloxRandom::nextDouble)) {
      double[] values = sample(draw);
      for (double value : values) {
        assertTrue(value >= 0 && value < 1, () -> "met " + value);
      }
      assertEquals(0.5, moment(values, 1), 0.003);
      assertEquals(1 / 3.0, moment(values, 2), 0.003);
    }
  }

  @Test
  void gaussiansHaveTheMomentsOfTheNormalDistribution() {
    double[] values = sample(PhiloxRandom::nextGaussian);

    assertEquals(0, moment(values, 1), 0.01);
    assertEquals(1, moment(values, 2), 0.02);
    assertEquals(0, moment(values, 3), 0.05);
    assertEquals(3, moment(values, 4), 0.15);
  }

  @Test
  void boundedIntegersAreEvenlySpread() {
    int[] counts = new int[7];
    PhiloxRandom random = new PhiloxRandom(3);
    for (int i = 0; i < 70_000; i++) {
      counts[random.nextInt(7)]++;
    }

    double chiSquare = 0;
    for (int count : counts) {
      chiSquare += (count - 10_000.0) * (count - 10_000.0) / 10_000;
    }
    assertTrue(chiSquare < 22.5, "chi-square of 6 degrees is " + chiSquare);
  }

  /** Of 3 * 2^30 values, multiply-and-shift without rejection would favour every third. */
  @Test
  void boundedIntegersOfAGreatRangeAreUnbiased() {
    int[] counts = new int[3];
    PhiloxRandom random = new PhiloxRandom(4);
    int span = 3 << 29;
    for (int i = 0; i < 90_000; i++) {
      counts[random.nextInt(span) % 3]++;
    }

    for (int count : counts) {
      assertEquals(30_000, count, 700);
    }
  }

  @Test
  void rangesMaySpanMoreThanAnInt() {
    PhiloxRandom random = new PhiloxRandom(5);
    double mean = 0;
    for (int i = 0; i < DRAWS; i++) {
      int value = random.nextInt(Integer.MIN_VALUE, Integer.MAX_VALUE);
      assertTrue(value < Integer.MAX_VALUE);
      mean += value / (double) DRAWS;
    }
    assertEquals(0, mean / Integer.MAX_VALUE, 0.01);
    assertEquals(9, random.nextInt(9, 10));
  }

  @Test
  void refusesEmptyRangesAndNegativePositions() {
    PhiloxRandom random = new PhiloxRandom(6);

    assertThrows(IllegalArgumentException.class, () -> random.nextInt(0));
    assertThrows(IllegalArgumentException.class, () -> random.nextInt(3, 3));
    assertThrows(IllegalArgumentException.class, () -> new PhiloxRandom(1, 2, -1));
  }

  private static double[] sample(ToDoubleFunction<PhiloxRandom> draw) {
    PhiloxRandom random = new PhiloxRandom(99);
    double[] values = new double[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      values[i] = draw.applyAsDouble(random);
    }
    return values;
  }

  private static double moment(double[] values, int power) {
    double sum = 0;
    for (double value : values) {
      sum += Math.pow(value, power);
    }
    return sum / values.length;
  }
}
