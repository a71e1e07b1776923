package dev.impromptu.optim;

import java.util.List;

/**
 * The learning rate over the course of a run. It depends on its arguments alone, so a run that
 * stops and continues needs nothing else to go on at the same rates.
 */
@FunctionalInterface
public interface Schedule {
  /**
   * The rate of the next update.
   *
   * @param steps updates made so far
   * @param measured what validation gave after each complete epoch, in order
   */
  double rate(long steps, List<Double> measured);

  /** The same rate throughout. */
  static Schedule constant(double rate) {
    return (steps, measured) -> rate;
  }
}
