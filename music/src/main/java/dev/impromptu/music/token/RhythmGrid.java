package dev.impromptu.music.token;

/**
 * The times that {@link RhythmTokenizer} knows, in 24ths of a beat: all even ones, and of the odd
 * ones the thirty-seconds. No time is further from one of them than 1/24 beat.
 */
final class RhythmGrid {
  static final int UNITS = Reading.UNITS_PER_BEAT;

  /** The longest length told by one word; {@code h} adds as much once more. */
  static final int LONGEST = 4 * UNITS;

  private RhythmGrid() {}

  /** Whether {@code units} is a place within a beat, other than its beginning. */
  static boolean isPosition(int units) {
    return units > 0 && units < UNITS && (units % 2 == 0 || units % 3 == 0);
  }

  /** Whether one word tells this length; of those below the first thirty-second all are told. */
  static boolean isLength(int units) {
    return units > 0 && units <= LONGEST && (units % 2 == 0 || units <= 3);
  }

  /** The nearest place to {@code tick}, of two equally near the one of the rounder value. */
  static long onset(int tick, int ticksPerBeat) {
    long beat = (long) tick / ticksPerBeat;
    long within = (long) tick % ticksPerBeat * UNITS;
    int best = 0;
    for (int units = 1; units <= UNITS; units++) {
      if (units == UNITS || isPosition(units)) {
        best = nearer(best, units, within, ticksPerBeat);
      }
    }
    return beat * UNITS + best;
  }

  /** The nearest length to {@code ticks}, at least one unit. */
  static long length(int ticks, int ticksPerBeat) {
    long exact = (long) ticks * UNITS;
    long below = exact / ticksPerBeat;
    long best = Math.max(1, below - below % 2);
    for (long units = best; units <= below + 2; units++) {
      if (units % 2 == 0 || units <= 3) {
        best = nearer(best, units, exact, ticksPerBeat);
      }
    }
    return best;
  }

  private static long nearer(long a, long b, long exact, int ticksPerBeat) {
    long difference = Math.abs(a * ticksPerBeat - exact) - Math.abs(b * ticksPerBeat - exact);
    return difference > 0 || difference == 0 && roundness(b) > roundness(a) ? b : a;
  }

  private static int nearer(int a, int b, long exact, int ticksPerBeat) {
    return (int) nearer((long) a, (long) b, exact, ticksPerBeat);
  }

  /** The greatest divisor shared with a beat. */
  private static long roundness(long units) {
    long a = UNITS;
    long b = units;
    while (b != 0) {
      long rest = a % b;
      a = b;
      b = rest;
    }
    return a;
  }
}
