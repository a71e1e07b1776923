package dev.impromptu.testkit;

/**
 * How far a device of 32 bits may be from the reference, and this library from another one: the one
 * table of tolerances.
 *
 * <p>Rounding errors of a sum of n terms grow like the square root of n when they are independent;
 * a few roundings are allowed for each.
 */
public final class Tolerance {
  /** Half the distance between 1 and the next number of 32 bits. */
  private static final double ROUNDING = 0x1p-24;

  /** Half the distance between 1 and the next number of 64 bits. */
  private static final double ROUNDING_64 = 0x1p-53;

  private static final double ROUNDINGS_PER_TERM = 16;

  private Tolerance() {}

  /**
   * Kinds of operations, by what they make of rounding errors where two libraries compute the same
   * by different formulas. They allow several times what was met between PyTorch and this one.
   */
  public enum Kind {
    /** Each element by itself. */
    ELEMENTWISE(16),
    /** Products, convolutions and other plain sums. */
    PRODUCTS(4),
    /** Sums that divide or are divided: softmax, normalisation, losses. */
    NORMALISED(16),
    /** Layers whose every step goes on with the one before. */
    RECURRENT(8),
    /** Steps of an optimizer, each with the gradients at what the last one left. */
    UPDATES(8);

    private final double roundingsPerTerm;

    Kind(double roundingsPerTerm) {
      this.roundingsPerTerm = roundingsPerTerm;
    }
  }

  /**
   * The error allowed in an array, relative to its largest element or 1.
   *
   * @param terms length of the longest sum behind an element
   */
  public static double float32(int terms) {
    return ROUNDINGS_PER_TERM * ROUNDING * Math.max(1, Math.sqrt(terms));
  }

  /**
   * The error allowed between two libraries that compute in 32 bits, relative as above.
   *
   * @param terms length of the longest sum behind an element
   */
  public static double float32(Kind kind, int terms) {
    return kind.roundingsPerTerm * ROUNDING * Math.max(1, Math.sqrt(terms));
  }

  /** The same in 64 bits, as the reference computes. */
  public static double float64(Kind kind, int terms) {
    return kind.roundingsPerTerm * ROUNDING_64 * Math.max(1, Math.sqrt(terms));
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
