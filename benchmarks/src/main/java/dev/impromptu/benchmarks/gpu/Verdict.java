package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.Precision;
import java.util.List;
import java.util.Locale;

/**
 * What comparing a variant's results with others' found.
 *
 * @param right whether they agree as closely as the precision allows
 * @param words the error and what it was measured against
 */
record Verdict(boolean right, String words) {
  /**
   * The greatest relative error of any result, {@code |met - expected| / |expected|} in Euclidean
   * lengths, as a part of what is allowed. Sums of some thousand terms, carried on through all time
   * steps, stay far below what is allowed for fp32; a wrong index or a lost step does not.
   *
   * @param met some of the results
   * @param expected all of them
   * @param against whose they are
   */
  static Verdict of(List<Result> met, List<Result> expected, Precision precision, String against) {
    double worst = 0;
    double most = 0;
    String where = "all";
    for (Result each : met) {
      Result right = named(each.name(), expected);
      double error = error(each.values(), right.values());
      double part = error / (right.switched() ? allowedSwitched(precision) : allowed(precision));
      if (!(part <= most)) {
        most = part;
        worst = error;
        where = each.name();
      }
    }
    return new Verdict(
        most <= 1, String.format(Locale.ROOT, "%.1e from %s (%s)", worst, against, where));
  }

  private static Result named(String name, List<Result> results) {
    return results.stream().filter(result -> result.name().equals(name)).findFirst().orElseThrow();
  }

  /** Factors of 24, 11 and 8 bits; the error of a long sequence is several times that of one. */
  private static double allowed(Precision precision) {
    return switch (precision) {
      case FP32 -> 1e-4;
      case TF32 -> 1e-2;
      case BF16 -> 5e-2;
    };
  }

  /**
   * About the square roots: of so many values as the rounding is large, each may be off as a whole.
   * What is never computed is off by 1, what has the wrong sign by 2.
   */
  private static double allowedSwitched(Precision precision) {
    return switch (precision) {
      case FP32 -> 1e-2;
      case TF32 -> 2e-1;
      case BF16 -> 4e-1;
    };
  }

  private static double error(float[] met, float[] expected) {
    if (met.length != expected.length) {
      throw new IllegalArgumentException(
          "Verdict: %d values cannot be compared with %d".formatted(met.length, expected.length));
    }
    double difference = 0;
    double length = 0;
    for (int i = 0; i < met.length; i++) {
      double off = (double) met[i] - expected[i];
      difference += off * off;
      length += (double) expected[i] * expected[i];
    }
    double error = Math.sqrt(difference / Math.max(length, Double.MIN_NORMAL));
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }
}
