package dev.impromptu.music.render;

import dev.impromptu.io.AtomicFiles;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws what a signal is and what it was foretold to be, one pair of lines below the other. */
public final class Signals {
  private static final int WIDTH = 1200;
  private static final int HEIGHT = 260;

  /**
   * One signal.
   *
   * @param title stands above it
   * @param truth its values
   * @param foretold the same stretch, as long
   */
  public record Pair(String title, double[] truth, double[] foretold) {}

  private Signals() {}

  /**
   * Draws to the PNG {@code file}, which is replaced as a whole or not at all.
   *
   * @throws IllegalArgumentException if there is nothing to draw
   * @throws IOException if the file cannot be written
   */
  public static void write(List<Pair> pairs, Path file) throws IOException {
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("Signals: there are no signals to draw");
    }
    List<XYChart> charts = new ArrayList<>();
    for (Pair pair : pairs) {
      charts.add(chart(pair));
    }
    AtomicFiles.write(
        file,
        out ->
            BitmapEncoder.saveBitmap(
                charts, charts.size(), 1, out, BitmapEncoder.BitmapFormat.PNG));
  }

  private static XYChart chart(Pair pair) {
    XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title(pair.title).build();
    ChartStyle.apply(chart);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setXAxisDecimalPattern("#");
    add(chart, "truth", pair.truth, ChartStyle.FIRST, 3f);
    add(chart, "foretold", pair.foretold, ChartStyle.SECOND, 1.2f);
    return chart;
  }

  private static void add(XYChart chart, String name, double[] y, Color color, float width) {
    double[] x = IntStream.range(0, y.length).asDoubleStream().toArray();
    var series = chart.addSeries(name, x, y);
    series.setLineColor(color);
    series.setLineStyle(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    series.setMarker(SeriesMarkers.NONE);
  }
}
