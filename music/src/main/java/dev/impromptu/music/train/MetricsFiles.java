package dev.impromptu.music.train;

import dev.impromptu.io.AtomicFiles;
import dev.impromptu.music.render.Curves;
import dev.impromptu.train.EpochReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The course of a run as a table and as a picture. */
final class MetricsFiles {
  private static final String HEADER =
      "epoch,steps_ahead,train_loss,train_accuracy,validation_loss,validation_accuracy,"
          + "windows_per_second,seconds\n";

  private MetricsFiles() {}

  static void write(ModelDirectory directory, Curriculum curriculum, List<EpochReport> history)
      throws IOException {
    StringBuilder table = new StringBuilder(HEADER);
    for (EpochReport report : history) {
      table.append(
          String.format(
              Locale.ROOT,
              "%d,%d,%.6f,%.3f,%.6f,%.3f,%.1f,%.1f\n",
              report.epoch(),
              curriculum.stepsAhead(report.epoch()),
              report.training().loss(),
              report.training().accuracy(),
              report.validation().loss(),
              report.validation().accuracy(),
              report.examplesPerSecond(),
              report.seconds()));
    }
    byte[] bytes = table.toString().getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(directory.metrics(), out -> out.write(bytes));
    Curves.write(
        history.stream().map(report -> point(curriculum, report)).toList(),
        "Training",
        directory.curves());
  }

  private static Curves.Epoch point(Curriculum curriculum, EpochReport report) {
    return new Curves.Epoch(
        report.epoch(),
        curriculum.stepsAhead(report.epoch()),
        report.training().loss(),
        report.training().accuracy(),
        report.validation().loss(),
        report.validation().accuracy());
  }
}
