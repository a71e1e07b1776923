package dev.impromptu.benchmarks.gpu;

import java.util.SplittableRandom;

/** Numbers to compute with: never zeros, which some chips multiply faster. */
final class Inputs {
  /** More than these take longer to prepare and to record than to time. */
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
   * How many sets of inputs to take turns with: as many as fill the cache twice, so that none is
   * still there when its turn comes, but not more than are worth preparing.
   */
  static int sets(long cacheBytes, long bytesOfOne) {
    long enough = 2 * cacheBytes / Math.max(1, bytesOfOne) + 1;
    return Math.clamp(enough, 2, MOST_SETS);
  }

  /** Whether so many sets are too small to leave the cache between their turns. */
  static boolean stayCached(long cacheBytes, long bytesOfOne) {
    return sets(cacheBytes, bytesOfOne) * bytesOfOne <= cacheBytes;
  }
}
