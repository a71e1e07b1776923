package dev.impromptu.benchmarks.gpu;

import java.util.SplittableRandom;

/** Numbers to compute with: never zeros, which some chips multiply faster. */
final class Inputs {
  /** More sets than this do not fit the patience of whoever waits for their upload. */
  private static final int MOST_SETS = 16;

  private final SplittableRandom random = new SplittableRandom(7);

  /** Evenly from {@code [-bound, bound)}, other values at every call. */
  float[] uniform(int length, double bound) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
    return values;
  }

  /**
   * How many sets of inputs to take turns with, so that none is still in the cache when its turn
   * comes.
   */
  static int sets(Chip chip, long bytesOfOne) {
    long enough = 2 * chip.cacheBytes() / Math.max(1, bytesOfOne) + 1;
    return Math.clamp(enough, 2, MOST_SETS);
  }
}
