package dev.impromptu.music.train;

import dev.impromptu.music.render.Curves;
import dev.impromptu.train.EpochReport;
import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The course of a run as a picture, drawn anew after every epoch. */
record TrainingCurves(Path file, Curriculum curriculum) implements TrainingListener {
  @Override
  public void onEpochEnd(TrainingState state) {
    try {
      Curves.write(state.history().stream().map(this::point).toList(), "Training", file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Curves.Epoch point(EpochReport report) {
    return new Curves.Epoch(
        report.epoch(),
        curriculum.stepsAhead(report.epoch()),
        report.training().loss(),
        report.training().accuracy(),
        report.validation().loss(),
        report.validation().accuracy());
  }
}
