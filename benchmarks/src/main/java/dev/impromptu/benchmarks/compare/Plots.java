package dev.impromptu.benchmarks.compare;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler;

/** Throughput by number of threads and by hidden size. */
final class Plots {
  private static final Color OURS = new Color(0x0B6E8F);
  private static final Color THEIRS = new Color(0xC8641B);
  private static final Color FASTEST = new Color(0xE3B98F);

  private Plots() {}

  /** Draws what has been measured, to {@code threads.png} and {@code hidden.png}. */
  static void write(Results results, Path folder) throws IOException {
    List<Row> threads = new ArrayList<>();
    for (Row row : Row.all()) {
      // Without both there is nothing to compare.
      if (row.group() == Row.Group.THREADS && results.row(row.name()).isPresent()) {
        threads.add(row);
        threads.add(Row.named(row.name().replace("-one-thread", "")));
      }
    }
    draw(
        results,
        threads,
        "training step by threads",
        false,
        row -> "batch %s, %s".formatted(batch(row), row.oneThread() ? "1 thread" : "all threads"),
        folder.resolve("threads.png"));
    draw(
        results,
        Row.all().stream().filter(row -> row.group() == Row.Group.HIDDEN).toList(),
        "training step by hidden size, batch 64",
        true,
        row -> row.name().replace("hidden-", ""),
        folder.resolve("hidden.png"));
  }

  private static String batch(Row row) {
    return row.name().replaceAll("\\D", "");
  }

  private static void draw(
      Results results,
      List<Row> rows,
      String title,
      boolean ratios,
      Function<Row, String> label,
      Path file)
      throws IOException {
    List<Row> shown = rows.stream().filter(row -> results.row(row.name()).isPresent()).toList();
    if (shown.isEmpty()) {
      return;
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(900)
            .height(420)
            .title("Original's model: " + title)
            .yAxisTitle(ratios ? "Impromptu's speed divided by PyTorch's" : "windows a second")
            .build();
    Styler styler = chart.getStyler();
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    styler.setSeriesColors(
        ratios ? new Color[] {THEIRS, FASTEST} : new Color[] {OURS, THEIRS, FASTEST});
    List<String> labels = shown.stream().map(label).toList();
    // Speeds of sizes differ by a hundred times, which bars cannot show.
    ToDoubleFunction<Measured.Side> value = side -> (ratios ? side.ratio() : side.speed()).median();
    if (!ratios) {
      add(chart, "Impromptu", labels, results, shown, row -> value.applyAsDouble(row.ours()));
    }
    add(
        chart,
        "PyTorch as it comes",
        labels,
        results,
        shown,
        row -> value.applyAsDouble(row.theirs()));
    add(
        chart,
        "PyTorch's fastest setting",
        labels,
        results,
        shown,
        row -> value.applyAsDouble(row.theirFastest()));
    try (var out = Files.newOutputStream(file)) {
      BitmapEncoder.saveBitmap(List.of(chart), 1, 1, out, BitmapEncoder.BitmapFormat.PNG);
    }
  }

  private static void add(
      CategoryChart chart,
      String name,
      List<String> labels,
      Results results,
      List<Row> rows,
      ToDoubleFunction<Measured> speed) {
    List<Double> values =
        rows.stream()
            .map(row -> speed.applyAsDouble(results.row(row.name()).orElseThrow()))
            .toList();
    chart.addSeries(name, labels, values);
  }
}
