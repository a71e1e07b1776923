package dev.impromptu.examples.cli;

import dev.impromptu.train.EpochReport;
import dev.impromptu.train.TrainingState;
import java.time.Duration;
import java.util.Locale;

/** Plain lines for a log: one every few seconds and one an epoch. */
final class LineProgress implements TrainingProgress {
  private static final long EVERY = Duration.ofSeconds(5).toNanos();

  private final Session session;
  private final TimeLeft time;
  private long lastLine = System.nanoTime();
  private int batches;

  LineProgress(Session session, TimeLeft time) {
    this.session = session;
    this.time = time;
  }

  @Override
  public void onEpochStart(TrainingState state, int count) {
    batches = count;
  }

  @Override
  public void onStep(TrainingState state) {
    if (System.nanoTime() - lastLine < EVERY) {
      return;
    }
    session.note(
        String.format(
            Locale.ROOT,
            "epoch %d of %d: step %d of %d, %s, %.0f windows/s, %s left",
            state.epoch() + 1,
            time.epochs(),
            state.batch(),
            batches,
            TrainingProgress.measured(state),
            TrainingProgress.windowsPerSecond(state),
            TrainingProgress.spoken(time.left(state))));
    lastLine = System.nanoTime();
  }

  @Override
  public void onEpochEnd(TrainingState state) {
    EpochReport report = state.history().getLast();
    session.note(
        String.format(
            Locale.ROOT,
            "epoch %d of %d done in %.1f s: validation accuracy %.2f %%",
            state.epoch(),
            time.epochs(),
            report.seconds(),
            report.validation().accuracy()));
    lastLine = System.nanoTime();
  }

  @Override
  public void clear() {}
}
