package dev.impromptu.train;

/**
 * How one epoch went.
 *
 * @param epoch from 0
 * @param training measured while training, so with dropout and on a model that still changed
 * @param validation measured after the epoch, in evaluation mode
 * @param trainingSeconds spent in training steps alone
 * @param seconds spent in all, validation included
 */
public record EpochReport(
    int epoch, Metrics training, Metrics validation, double trainingSeconds, double seconds) {
  /** Training examples a second, validation not counted. */
  public double examplesPerSecond() {
    return training.examples() / trainingSeconds;
  }
}
