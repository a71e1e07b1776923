package dev.impromptu.testkit;

/**
 * How far a device of 32 bits may be from the reference: the one table of tolerances.
 *
 * <p>Rounding errors of a sum of n terms grow like the square root of n when they are independent;
 * a few roundings are allowed for each.
 */
public final class Tolerance {
  /** Half the distance between 1 and the next number of 32 bits. */
  private static final double ROUNDING = 0x1p-24;

  private static final double ROUNDINGS_PER_TERM = 16;

  private Tolerance() {}

  /**
   * The error allowed in an array, relative to its largest element or 1.
   *
   * @param terms length of the longest sum behind an element
   */
  public static double float32(int terms) {
    return ROUNDINGS_PER_TERM * ROUNDING * Math.max(1, Math.sqrt(terms));
  }

  /**
   * Compares two arrays.
   *
   * @throws AssertionError naming the worst element and both its values; what is not finite must be
   *     equal
   */
  public static void requireClose(String what, double[] met, double[] expected, double allowed) {
    if (met.length != expected.length) {
      throw new AssertionError(
          "%s: %d elements, expected %d".formatted(what, met.length, expected.length));
    }
    double scale = 1;
    int worst = -1;
    double worstError = 0;
    for (int i = 0; i < met.length; i++) {
      if (Double.isFinite(expected[i])) {
        scale = Math.max(scale, Math.abs(expected[i]));
      }
      // Equal in every bit covers what is not finite.
      double error = Double.compare(met[i], expected[i]) == 0 ? 0 : Math.abs(met[i] - expected[i]);
      if (!(error <= worstError)) {
        worst = i;
        worstError = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
      }
    }
    if (!(worstError <= allowed * scale)) {
      throw new AssertionError(
          "%s: element %d is %.9g, expected %.9g; off by %.3g, allowed %.3g"
              .formatted(what, worst, met[worst], expected[worst], worstError, allowed * scale));
    }
  }
}
