package dev.impromptu.benchmarks.soak;

import dev.impromptu.benchmarks.Samples;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Whether a long run stayed flat: its last third beside its first, by the medians. The first tenth
 * does not count, for the JVM is still compiling.
 *
 * @param speed of the last third as a part of the first third's
 * @param heapGrowth in MiB from the first third to the last
 * @param residentGrowth likewise
 */
record Verdict(double speed, double heapGrowth, double residentGrowth) {
  /** More than a shared machine's noise in a median over minutes. */
  private static final double LEAST_SPEED = 0.9;

  /** A step that leaked one small object would take more than that in half an hour. */
  private static final double MOST_GROWTH_MIB = 16;

  /**
   * Judges.
   *
   * @throws IllegalArgumentException when there are too few to compare thirds
   */
  static Verdict of(List<Sample> samples) {
    List<Sample> warm = samples.subList(samples.size() / 10, samples.size());
    int third = warm.size() / 3;
    if (third == 0) {
      throw new IllegalArgumentException(
          "soak: %d samples are too few to compare; run longer".formatted(samples.size()));
    }
    List<Sample> first = warm.subList(0, third);
    List<Sample> last = warm.subList(warm.size() - third, warm.size());
    return new Verdict(
        median(last, Sample::windowsPerSecond) / median(first, Sample::windowsPerSecond),
        median(last, Sample::heapMiB) - median(first, Sample::heapMiB),
        median(last, Sample::residentMiB) - median(first, Sample::residentMiB));
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
        speedIsFlat() ? "flat" : "NOT FLAT",
        heapGrowth,
        residentGrowth,
        memoryIsFlat() ? "flat" : "NOT FLAT");
  }
}
