package dev.impromptu.train;

import dev.impromptu.io.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Writes a table with a line for each epoch, anew after each one, so that it is whole and right
 * after a run that stopped and continued, too.
 *
 * @param file to write
 */
public record CsvMetrics(Path file) implements TrainingListener {
  private static final String HEADER =
      "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,examples_per_second,seconds\n";

  /**
   * Writes the table.
   *
   * @throws UncheckedIOException when it cannot be written
   */
  @Override
  public void onEpochEnd(TrainingState state) {
    byte[] bytes = table(state.history()).getBytes(StandardCharsets.UTF_8);
    try {
      AtomicFiles.write(file, out -> out.write(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String table(List<EpochReport> history) {
    StringBuilder table = new StringBuilder(HEADER);
    for (EpochReport report : history) {
      table.append(
          String.format(
              Locale.ROOT,
              "%d,%.6f,%.3f,%.6f,%.3f,%.1f,%.1f\n",
              report.epoch(),
              report.training().loss(),
              report.training().accuracy(),
              report.validation().loss(),
              report.validation().accuracy(),
              report.examplesPerSecond(),
              report.seconds()));
    }
    return table.toString();
  }
}
