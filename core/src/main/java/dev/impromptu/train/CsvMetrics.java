package dev.impromptu.train;

import dev.impromptu.io.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Writes a table with a line for each epoch, anew after each one, so that it is whole and right
 * after a run that stopped and continued, too.
 *
 * @param file to write
 * @param examples what the examples are called in {@code examples_per_second}
 * @param columns more of them, which come after that of the epoch
 */
public record CsvMetrics(Path file, String examples, List<Column> columns)
    implements TrainingListener {
  /** Copies the list. */
  public CsvMetrics {
    columns = List.copyOf(columns);
  }

  /** Without more columns. */
  public CsvMetrics(Path file) {
    this(file, "examples", List.of());
  }

  /**
   * A column.
   *
   * @param name at its head, without commas
   * @param value what it says of an epoch, without commas
   */
  public record Column(String name, Function<EpochReport, Object> value) {}

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

  private String table(List<EpochReport> history) {
    StringBuilder table = new StringBuilder("epoch,");
    columns.forEach(column -> table.append(column.name).append(','));
    table
        .append("train_loss,train_accuracy,validation_loss,validation_accuracy,")
        .append(examples)
        .append("_per_second,seconds\n");
    for (EpochReport report : history) {
      table.append(report.epoch()).append(',');
      columns.forEach(column -> table.append(column.value.apply(report)).append(','));
      table.append(
          String.format(
              Locale.ROOT,
              "%.6f,%.3f,%.6f,%.3f,%.1f,%.1f\n",
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
