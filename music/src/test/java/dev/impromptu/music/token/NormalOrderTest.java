package dev.impromptu.music.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class NormalOrderTest {
  private static int[] of(int... classes) {
    int bits = 0;
    for (int pitchClass : classes) {
      bits |= 1 << pitchClass;
    }
    return NormalOrder.of(bits);
  }

  @Test
  void triadsStandInRootPosition() {
    assertArrayEquals(new int[] {4, 7, 11}, of(4, 7, 11));
    assertArrayEquals(new int[] {9, 0, 4}, of(0, 4, 9));
    assertArrayEquals(new int[] {5, 9, 0}, of(0, 5, 9));
  }

  @Test
  void symmetricSetsBeginWithTheirLowestClass() {
    assertArrayEquals(new int[] {2, 5, 8, 11}, of(11, 8, 5, 2));
    assertArrayEquals(new int[] {1, 7}, of(7, 1));
  }

  @Test
  void tiesOfSpanGoToTheOnePackedTowardsItsFirstClass() {
    assertArrayEquals(new int[] {11, 0, 4, 6, 7}, of(0, 4, 6, 7, 11));
    assertArrayEquals(new int[] {0, 1, 3, 7, 8}, of(0, 1, 3, 7, 8));
  }

  @Test
  void oneClassIsItself() {
    assertArrayEquals(new int[] {5}, of(5));
  }
}
