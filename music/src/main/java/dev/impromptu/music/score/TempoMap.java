package dev.impromptu.music.score;

import java.util.OptionalDouble;

/**
 * Converts ticks of a score to seconds, following its tempo marks.
 *
 * <p>Before the first mark 120 beats a minute hold, as the MIDI standard has it.
 */
public final class TempoMap {
  /** What holds before the first mark. */
  public static final double DEFAULT_BEATS_PER_MINUTE = 120;

  private final int[] ticks;
  private final double[] secondsAt;
  private final double[] secondsPerTick;

  /** Reads the tempo marks of {@code score}; marks that are not positive are passed over. */
  public TempoMap(Score score) {
    var marks =
        score.tempos().stream()
            .filter(mark -> mark.beatsPerMinute() > 0 && Double.isFinite(mark.beatsPerMinute()))
            .sorted((a, b) -> Integer.compare(a.tick(), b.tick()))
            .toList();
    ticks = new int[marks.size() + 1];
    secondsAt = new double[ticks.length];
    secondsPerTick = new double[ticks.length];
    secondsPerTick[0] = 60 / (DEFAULT_BEATS_PER_MINUTE * score.ticksPerBeat());
    for (int i = 1; i < ticks.length; i++) {
      Tempo mark = marks.get(i - 1);
      ticks[i] = Math.max(0, mark.tick());
      secondsAt[i] = secondsAt[i - 1] + ((double) ticks[i] - ticks[i - 1]) * secondsPerTick[i - 1];
      secondsPerTick[i] = 60 / (mark.beatsPerMinute() * score.ticksPerBeat());
    }
  }

  /** The time of {@code tick} in seconds from the beginning of the piece. */
  public double seconds(int tick) {
    int low = 0;
    int high = ticks.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (ticks[middle] <= tick) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return secondsAt[low] + ((double) tick - ticks[low]) * secondsPerTick[low];
  }

  /** The time of the last release of {@code score} in seconds; 0 for a score without notes. */
  public static double seconds(Score score) {
    return new TempoMap(score).seconds(score.lastTick());
  }

  /**
   * The tempo at which {@code score} would last as long if it never changed, in beats a minute;
   * none for a score that lasts no time.
   */
  public static OptionalDouble meanBeatsPerMinute(Score score) {
    double seconds = seconds(score);
    return seconds > 0
        ? OptionalDouble.of(60.0 * score.lastTick() / score.ticksPerBeat() / seconds)
        : OptionalDouble.empty();
  }
}
