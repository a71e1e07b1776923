package dev.impromptu.data;

import dev.impromptu.random.PhiloxRandom;

/** Orders of examples that depend on nothing but a seed and a number. */
public final class Shuffle {
  /** Keeps orders apart from everything else that is drawn from a run's seed. */
  private static final long STREAMS = 1L << 62;

  private Shuffle() {}

  /** 0 to {@code size - 1} in ascending order. */
  public static int[] ascending(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    return order;
  }

  /**
   * 0 to {@code size - 1} in a random order (Fisher and Yates).
   *
   * @param seed of the run
   * @param stream which of its orders, for example the epoch
   */
  public static int[] shuffled(int size, long seed, long stream) {
    int[] order = ascending(size);
    var random = new PhiloxRandom(seed, STREAMS ^ stream);
    for (int i = size - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
