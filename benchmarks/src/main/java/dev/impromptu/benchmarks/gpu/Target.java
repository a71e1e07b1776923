package dev.impromptu.benchmarks.gpu;

import dev.impromptu.benchmarks.Samples;
import dev.impromptu.io.JsonObject;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Something that was promised, and what was found.
 *
 * @param name what was promised
 * @param measured what was found, or why nothing was
 * @param met {@code yes}, {@code no} or {@code not measured}
 */
record Target(String name, String measured, String met) {
  /** What our rows call themselves. */
  static final String OWN = "kernel";

  static final String NOT_MEASURED = "not measured";

  /** A time that has to stay below a limit, by our fastest mode in fp32. */
  static Target below(String name, double limit, Report report, String work, String what) {
    return time(report, work, what, true)
        .map(
            micros ->
                new Target(
                    name,
                    String.format(Locale.ROOT, "%.1f µs", micros),
                    micros < limit ? "yes" : "no"))
        .orElseGet(() -> new Target(name, why(report), NOT_MEASURED));
  }

  /** Our time against the best of all others' in fp32. */
  static Target belowOthers(String name, Report report, String work, String what) {
    Optional<Double> own = time(report, work, what, true);
    Optional<Double> others = time(report, work, what, false);
    if (own.isEmpty() || others.isEmpty()) {
      return new Target(name, why(report), NOT_MEASURED);
    }
    return new Target(
        name,
        String.format(Locale.ROOT, "%.1f µs against %.1f µs", own.get(), others.get()),
        own.get() < others.get() ? "yes" : "no");
  }

  /**
   * Whether two runs agree bit by bit.
   *
   * @param sameBits runs them
   */
  static Target sameBits(String name, BooleanSupplier sameBits) {
    try {
      boolean equal = sameBits.getAsBoolean();
      return new Target(name, equal ? "equal" : "different", equal ? "yes" : "no");
    } catch (RuntimeException e) {
      return new Target(name, "failed: " + Comparison.reason(e), "no");
    }
  }

  private static String why(Report report) {
    return report.hasResults() ? "not among what was timed" : "no results here";
  }

  private static Optional<Double> time(Report report, String work, String what, boolean own) {
    return report.rows().stream()
        .filter(row -> row.work().equals(work) && row.what().equals(what))
        .filter(row -> row.precision().equals("fp32") && row.variant().equals(OWN) == own)
        .flatMap(row -> Optional.ofNullable(row.samples()).stream())
        .map(Samples::median)
        .min(Double::compare);
  }

  JsonObject json() {
    return JsonObject.builder().put("name", name).put("measured", measured).put("met", met).build();
  }
}
