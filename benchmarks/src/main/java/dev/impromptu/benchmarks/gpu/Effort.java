package dev.impromptu.benchmarks.gpu;

/**
 * How much is measured.
 *
 * @param warmUp calls before the first sample, at least
 * @param least samples
 * @param most samples
 * @param seconds that the samples may take, beyond the least number of them
 */
record Effort(int warmUp, int least, int most, double seconds) {
  static final Effort FULL = new Effort(10, 30, 100, 0.5);

  /** Enough to see that everything works. */
  static final Effort QUICK = new Effort(1, 2, 2, 0);

  int samples(double secondsOfOne) {
    return (int) Math.clamp(seconds / Math.max(secondsOfOne, 1e-9), least, most);
  }
}
