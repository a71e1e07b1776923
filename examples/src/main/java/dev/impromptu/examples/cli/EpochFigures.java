package dev.impromptu.examples.cli;

import dev.impromptu.music.train.Curriculum;
import dev.impromptu.train.EpochReport;
import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;

/** The figures of each epoch, one a line, on standard output; epochs count from 0. */
final class EpochFigures implements TrainingListener {
  private final Session session;
  private final Curriculum curriculum;
  private boolean stepped;

  EpochFigures(Session session, Curriculum curriculum) {
    this.session = session;
    this.curriculum = curriculum;
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
    session.figure("epoch", report.epoch());
    session.figure("steps_ahead", curriculum.stepsAhead(report.epoch()));
    session.figure("train_loss", report.training().loss(), 4);
    session.figure("train_accuracy", report.training().accuracy(), 3);
    session.figure("validation_loss", report.validation().loss(), 4);
    session.figure("validation_accuracy", report.validation().accuracy(), 3);
    session.figure("windows_per_second", report.examplesPerSecond(), 1);
    session.figure("seconds", report.seconds(), 1);
  }
}
