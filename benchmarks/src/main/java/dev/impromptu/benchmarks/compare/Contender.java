package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.work.Work;

/**
 * One of those that take turns.
 *
 * @param name in tables
 * @param prepare called before each turn
 * @param work what it does in its turn, again and again
 * @param items what one run of the work counts as
 */
record Contender(String name, Runnable prepare, Work work, double items) {
  private static final int LEAST_RUNS = 3;

  /**
   * Works for a while, three runs at least, after once that does not count: other settings may have
   * to take effect.
   *
   * @return items a second
   */
  double turn(double seconds) {
    prepare.run();
    work.run();
    long start = System.nanoTime();
    long now;
    int runs = 0;
    do {
      work.run();
      runs++;
      now = System.nanoTime();
    } while (now - start < seconds * 1e9 || seconds > 0 && runs < LEAST_RUNS);
    return runs * items / ((now - start) * 1e-9);
  }
}
