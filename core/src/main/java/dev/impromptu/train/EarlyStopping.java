package dev.impromptu.train;

import dev.impromptu.optim.ReduceOnPlateau.Aim;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Ends training when what is measured has not got better for some epochs. It depends on the history
 * alone, so a run that stopped and continues ends where it would have.
 *
 * @param measure what counts of an epoch, for example {@code report -> report.validation().loss()}
 * @param aim which way is better
 * @param patience epochs without anything better that are put up with, at least 1
 * @param gain by how much something must be better to count, at least 0
 */
public record EarlyStopping(
    ToDoubleFunction<EpochReport> measure, Aim aim, int patience, double gain)
    implements TrainingListener {
  /** Checks the ranges stated above. */
  public EarlyStopping {
    if (patience < 1 || !(gain >= 0)) {
      throw new IllegalArgumentException(
          "EarlyStopping: patience %d must be at least 1 and gain %s at least 0"
              .formatted(patience, gain));
    }
  }

  /** When the validation loss has not fallen for so many epochs. */
  public static EarlyStopping onLoss(int patience) {
    return new EarlyStopping(report -> report.validation().loss(), Aim.LOWER, patience, 0);
  }

  @Override
  public boolean wantsMore(TrainingState state) {
    List<EpochReport> history = state.history();
    int best = -1;
    for (int i = 0; i < history.size(); i++) {
      if (best < 0 || isBetter(history.get(i), history.get(best))) {
        best = i;
      }
    }
    return history.size() - 1 - best < patience;
  }

  private boolean isBetter(EpochReport report, EpochReport best) {
    return isBetter(measure.applyAsDouble(report), measure.applyAsDouble(best), aim, gain);
  }

  static boolean isBetter(double value, double known, Aim aim, double gain) {
    // What could not be measured is better than nothing and worse than any number.
    return Double.isNaN(known)
        ? !Double.isNaN(value)
        : aim == Aim.LOWER ? value < known - gain : value > known + gain;
  }
}
