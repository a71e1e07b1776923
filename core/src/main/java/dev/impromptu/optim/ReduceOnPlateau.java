package dev.impromptu.optim;

import java.util.List;

/**
 * Lowers the rate whenever what is measured has not got better for some epochs; PyTorch's {@code
 * ReduceLROnPlateau} with a relative threshold.
 *
 * @param initial the rate at first, above 0
 * @param aim which way is better
 * @param factor the rate is multiplied by it, above 0 and below 1; PyTorch's default is 0.1
 * @param patience epochs without anything better that are put up with; PyTorch's default is 10
 * @param threshold by what share something must be better to count; PyTorch's default is 1e-4
 * @param cooldown epochs after a change that do not count as bad; PyTorch's default is 0
 * @param least no rate goes below it; PyTorch's default is 0
 */
public record ReduceOnPlateau(
    double initial,
    Aim aim,
    double factor,
    int patience,
    double threshold,
    int cooldown,
    double least)
    implements Schedule {
  /** PyTorch makes no smaller change than this. */
  private static final double SMALLEST_CHANGE = 1e-8;

  /** Which way is better. */
  public enum Aim {
    /** A loss. */
    LOWER,
    /** An accuracy. */
    HIGHER
  }

  /** Checks the ranges stated above. */
  public ReduceOnPlateau {
    if (!(initial > 0) || !(factor > 0 && factor < 1) || patience < 0 || cooldown < 0) {
      throw new IllegalArgumentException(
          ("ReduceOnPlateau: rate %s must be greater than 0, factor %s between 0 and 1, patience %d"
                  + " and cooldown %d at least 0")
              .formatted(initial, factor, patience, cooldown));
    }
    if (!(threshold >= 0) || !(least >= 0)) {
      throw new IllegalArgumentException(
          "ReduceOnPlateau: threshold %s and least rate %s must be at least 0"
              .formatted(threshold, least));
    }
  }

  /** With PyTorch's defaults. */
  public ReduceOnPlateau(double initial, Aim aim) {
    this(initial, aim, 0.1, 10, 1e-4, 0, 0);
  }

  @Override
  public double rate(long steps, List<Double> measured) {
    double rate = initial;
    double best = aim == Aim.LOWER ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    int bad = 0;
    int cooling = 0;
    for (double value : measured) {
      if (better(value, best)) {
        best = value;
        bad = 0;
      } else {
        bad++;
      }
      if (cooling > 0) {
        cooling--;
        bad = 0;
      }
      if (bad > patience) {
        double lower = Math.max(rate * factor, least);
        rate = rate - lower > SMALLEST_CHANGE ? lower : rate;
        cooling = cooldown;
        bad = 0;
      }
    }
    return rate;
  }

  private boolean better(double value, double best) {
    return aim == Aim.LOWER ? value < best * (1 - threshold) : value > best * (1 + threshold);
  }
}
