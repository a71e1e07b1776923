package dev.impromptu.optim;

import java.util.List;

/**
 * Rises evenly to a rate and falls from there along half a cosine wave (Loshchilov and Hutter,
 * "SGDR: stochastic gradient descent with warm restarts", 2017); without warm-up PyTorch's {@code
 * CosineAnnealingLR}. Afterwards the rate stays where it fell to.
 *
 * @param peak the highest rate, above 0
 * @param warmUp updates that rise: the first has {@code peak / warmUp}, the last the peak; 0 for
 *     none
 * @param total updates until it has fallen, more than {@code warmUp}
 * @param floor the rate it falls to, from 0 to {@code peak}
 */
public record CosineDecay(double peak, long warmUp, long total, double floor) implements Schedule {
  /** Checks the ranges stated above. */
  public CosineDecay {
    if (!(peak > 0) || warmUp < 0 || total <= warmUp || !(floor >= 0 && floor <= peak)) {
      throw new IllegalArgumentException(
          ("CosineDecay: peak %s must be greater than 0, floor %s from 0 to it, and warm-up %d from"
                  + " 0 to less than the total %d")
              .formatted(peak, floor, warmUp, total));
    }
  }

  @Override
  public double rate(long steps, List<Double> measured) {
    if (steps < warmUp) {
      return peak * (steps + 1) / warmUp;
    }
    double fallen = Math.min(1, (double) (steps - warmUp) / (total - warmUp));
    return floor + (peak - floor) * (1 + Math.cos(Math.PI * fallen)) / 2;
  }
}
