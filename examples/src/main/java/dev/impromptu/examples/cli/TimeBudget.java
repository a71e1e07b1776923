package dev.impromptu.examples.cli;

import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.time.Duration;

/** Ends a run before an epoch that would probably end later than allowed; one is always made. */
final class TimeBudget implements TrainingListener {
  private final Session session;
  private final Duration budget;
  private final int epochs;
  private long start;
  private boolean started;

  /**
   * The time begins with the first epoch.
   *
   * @param session is told when the run ends early
   * @param epochs that were wished for
   */
  TimeBudget(Session session, Duration budget, int epochs) {
    this.session = session;
    this.budget = budget;
    this.epochs = epochs;
  }

  @Override
  public void onEpochStart(TrainingState state, int batches) {
    if (!started) {
      start = System.nanoTime();
      started = true;
    }
  }

  @Override
  public boolean wantsMore(TrainingState state) {
    if (!started || state.history().isEmpty()) {
      return true;
    }
    double next = state.history().getLast().seconds();
    if ((System.nanoTime() - start) * 1e-9 + next <= budget.toSeconds()) {
      return true;
    }
    session.note(
        "this machine is slow or busy: training ends after %d of %d epochs, in %d s"
            .formatted(state.epoch(), epochs, budget.toSeconds()));
    return false;
  }
}
