package dev.impromptu.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far a training run has come: with the parameters and the optimizer's state, all that is
 * needed to continue it to the last bit.
 *
 * @param epoch the epoch being trained, from 0
 * @param batch batches of that epoch already done
 * @param partial what they added up to
 * @param trainingSeconds what they took
 * @param history the epochs that are complete
 */
public record TrainingState(
    int epoch, int batch, Metrics partial, double trainingSeconds, List<EpochReport> history) {
  /** Nothing trained yet. */
  public static final TrainingState START = new TrainingState(0, 0, Metrics.NONE, 0, List.of());

  /** Copies the list. */
  public TrainingState {
    history = List.copyOf(history);
  }

  TrainingState afterBatch(Metrics sums, double stepSeconds) {
    return new TrainingState(epoch, batch + 1, sums, trainingSeconds + stepSeconds, history);
  }

  TrainingState afterEpoch(EpochReport report) {
    List<EpochReport> longer = new ArrayList<>(history);
    longer.add(report);
    return new TrainingState(epoch + 1, 0, Metrics.NONE, 0, longer);
  }

  /** The complete epoch of the highest validation accuracy, the first of equals. */
  public Optional<EpochReport> best() {
    return history.stream()
        .reduce((a, b) -> b.validation().accuracy() > a.validation().accuracy() ? b : a);
  }
}
