package dev.impromptu.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ShuffleTest {
  @Test
  void anOrderHoldsEveryIndexOnce() {
    int[] order = Shuffle.shuffled(1000, 5, 3);
    Arrays.sort(order);
    assertArrayEquals(Shuffle.ascending(1000), order);
  }

  @Test
  void anOrderDependsOnSeedAndStreamAlone() {
    int[] order = Shuffle.shuffled(100, 5, 3);
    assertArrayEquals(order, Shuffle.shuffled(100, 5, 3));
    assertFalse(Arrays.equals(order, Shuffle.shuffled(100, 6, 3)));
    assertFalse(Arrays.equals(order, Shuffle.shuffled(100, 5, 4)));
  }

  @Test
  void everyPositionIsAboutEquallyLikely() {
    int[] counts = new int[4];
    for (int stream = 0; stream < 4000; stream++) {
      counts[Shuffle.shuffled(4, 1, stream)[0]]++;
    }
    for (int count : counts) {
      assertFalse(Math.abs(count - 1000) > 120, Arrays.toString(counts));
    }
  }
}
