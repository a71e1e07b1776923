package dev.impromptu.examples.cli;

import dev.impromptu.train.EpochReport;
import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.util.Locale;

/** A line of figures for each epoch, on standard output. */
final class EpochFigures implements TrainingListener {
  private final Session session;
  private boolean stepped;

  EpochFigures(Session session) {
    this.session = session;
  }

  @Override
  public void onStep(TrainingState state) {
    if (!stepped) {
      session.figure("first_step_seconds", Session.age(), 2);
      stepped = true;
    }
  }

  @Override
  public void onEpochEnd(TrainingState state) {
    EpochReport report = state.history().getLast();
    session.say(
        String.format(
            Locale.ROOT,
            "epoch: %d, train_loss: %.4f, train_accuracy: %.3f, validation_loss: %.4f,"
                + " validation_accuracy: %.3f, windows_per_second: %.1f, seconds: %.1f",
            report.epoch(),
            report.training().loss(),
            report.training().accuracy(),
            report.validation().loss(),
            report.validation().accuracy(),
            report.examplesPerSecond(),
            report.seconds()));
  }
}
