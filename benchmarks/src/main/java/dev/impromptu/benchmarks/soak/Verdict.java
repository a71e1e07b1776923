package dev.impromptu.benchmarks.soak;

import dev.impromptu.benchmarks.Samples;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Whether a long run stayed flat: its last third beside its first, by the medians. The first half
 * minute does not count, for the JVM is still compiling. Speeds are those of the samples that
 * nothing disturbed; where half of a third was disturbed, there is no verdict on them.
 *
 * @param speed of the last third as a part of the first third's; NaN where that was disturbed
 * @param heapGrowth in MiB from the first third to the last
 * @param residentGrowth likewise
 */
record Verdict(double speed, double heapGrowth, double residentGrowth) {
  /** More than a shared machine's noise in a median over minutes. */
  private static final double LEAST_SPEED = 0.9;

  /**
   * At 750 windows a second, 14,000 steps of 64 lie between the middles of half an hour's first and
   * last third: a leak of 1.2 KiB a step is seen. A smaller one needs a longer run, or the test in
   * core that counts the bytes which a step of training keeps.
   */
  private static final double MOST_GROWTH_MIB = 16;

  static final double WARM_UP_SECONDS = 30;

  /** What a run has to last: as long again as what does not count. */
  static final double LEAST_SECONDS = 2 * WARM_UP_SECONDS;

  /**
   * Judges.
   *
   * @throws IllegalArgumentException when there are too few to compare thirds
   */
  static Verdict of(List<Sample> samples) {
    List<Sample> warm =
        samples.stream().filter(sample -> sample.seconds() > WARM_UP_SECONDS).toList();
    int third = warm.size() / 3;
    if (third == 0) {
      throw new IllegalArgumentException(
          "soak: %d samples after the first %.0f seconds are too few to compare; run longer"
              .formatted(warm.size(), WARM_UP_SECONDS));
    }
    List<Sample> first = warm.subList(0, third);
    List<Sample> last = warm.subList(warm.size() - third, warm.size());
    return new Verdict(
        quietSpeed(last) / quietSpeed(first),
        median(last, Sample::heapMiB) - median(first, Sample::heapMiB),
        median(last, Sample::residentMiB) - median(first, Sample::residentMiB));
  }

  private static double quietSpeed(List<Sample> samples) {
    List<Sample> quiet = samples.stream().filter(Sample::isQuiet).toList();
    return 2 * quiet.size() < samples.size() ? Double.NaN : median(quiet, Sample::windowsPerSecond);
  }

  private static double median(List<Sample> samples, ToDoubleFunction<Sample> value) {
    return new Samples(samples.stream().mapToDouble(value).toArray()).median();
  }

  boolean speedIsFlat() {
    return speed >= LEAST_SPEED;
  }

  boolean memoryIsFlat() {
    return heapGrowth <= MOST_GROWTH_MIB && residentGrowth <= MOST_GROWTH_MIB;
  }

  String words() {
    return String.format(
        Locale.ROOT,
        "speed: %.3f of the beginning, %s%nmemory: heap %+.1f MiB, resident %+.1f MiB, %s",
        speed,
        Double.isNaN(speed) ? "DISTURBED by other processes" : speedIsFlat() ? "flat" : "NOT FLAT",
        heapGrowth,
        residentGrowth,
        memoryIsFlat() ? "flat" : "NOT FLAT");
  }
}
