package dev.impromptu.music.render;

import dev.impromptu.io.AtomicFiles;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the course of a training: loss on the left, accuracy on the right, by epoch. */
public final class Curves {
  /**
   * The figures of one epoch; those not measured are NaN and leave a gap.
   *
   * @param epoch its number
   * @param stepsAhead how many notes ahead were foretold; a dashed line stands where it changes
   * @param trainLoss mean loss over the training windows
   * @param trainAccuracy in percent
   * @param validationLoss mean loss over the validation windows
   * @param validationAccuracy in percent
   */
  public record Epoch(
      int epoch,
      int stepsAhead,
      double trainLoss,
      double trainAccuracy,
      double validationLoss,
      double validationAccuracy) {}

  private static final int WIDTH = 720;
  private static final int HEIGHT = 480;
  private static final int MOST_MARKED = 30;

  private Curves() {}

  /**
   * Draws {@code epochs} to the PNG {@code file}, which is replaced as a whole or not at all.
   *
   * @param title stands above both plots
   * @throws IllegalArgumentException if there are no epochs
   * @throws IOException if the file cannot be written
   */
  public static void write(List<Epoch> epochs, String title, Path file) throws IOException {
    if (epochs.isEmpty()) {
      throw new IllegalArgumentException("Curves: there are no epochs to draw");
    }
    XYChart loss = chart(epochs, title + ": loss", "loss", Epoch::trainLoss, Epoch::validationLoss);
    XYChart accuracy =
        chart(
            epochs,
            title + ": accuracy",
            "accuracy in percent",
            Epoch::trainAccuracy,
            Epoch::validationAccuracy);
    accuracy.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
    AtomicFiles.write(
        file,
        out ->
            BitmapEncoder.saveBitmap(
                List.of(loss, accuracy), 1, 2, out, BitmapEncoder.BitmapFormat.PNG));
  }

  private static XYChart chart(
      List<Epoch> epochs,
      String title,
      String yTitle,
      ToDoubleFunction<Epoch> training,
      ToDoubleFunction<Epoch> validation) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(epochTitle(epochs))
            .yAxisTitle(yTitle)
            .build();
    style(chart, epochs);
    addSeries(chart, "training", epochs, training, ChartStyle.FIRST);
    addSeries(chart, "validation", epochs, validation, ChartStyle.SECOND);
    for (int i = 1; i < epochs.size(); i++) {
      if (epochs.get(i).stepsAhead() != epochs.get(i - 1).stepsAhead()) {
        chart.addAnnotation(
            new AnnotationLine(
                (epochs.get(i - 1).epoch() + epochs.get(i).epoch()) / 2.0, true, false));
      }
    }
    return chart;
  }

  /** Explains the dashed lines where there are any. */
  private static String epochTitle(List<Epoch> epochs) {
    var stages = new StringJoiner(" to ", "epoch (dashed lines: from ", " notes ahead)");
    int stage = 0;
    int count = 0;
    for (Epoch epoch : epochs) {
      if (count == 0 || epoch.stepsAhead() != stage) {
        stage = epoch.stepsAhead();
        stages.add(Integer.toString(stage));
        count++;
      }
    }
    return count == 1 ? "epoch" : stages.toString();
  }

  private static void style(XYChart chart, List<Epoch> epochs) {
    ChartStyle.apply(chart);
    var style = chart.getStyler();
    style.setAnnotationLineColor(ChartStyle.FAINT_INK);
    style.setAnnotationLineStroke(
        new BasicStroke(1f, BasicStroke.CAP_BUTT, 0, 10f, new float[] {4, 4}, 0));
    style.setXAxisDecimalPattern("#");
    double first = epochs.getFirst().epoch();
    double last = epochs.getLast().epoch();
    // A single epoch would leave the axis without a length.
    style.setXAxisMin(first == last ? first - 1 : first);
    style.setXAxisMax(first == last ? last + 1 : last);
  }

  private static void addSeries(
      XYChart chart, String name, List<Epoch> epochs, ToDoubleFunction<Epoch> value, Color color) {
    double[] y = epochs.stream().mapToDouble(value).toArray();
    for (int i = 0; i < y.length; i++) {
      if (Double.isInfinite(y[i])) {
        y[i] = Double.NaN;
      }
    }
    if (Arrays.stream(y).allMatch(Double::isNaN)) {
      return;
    }
    var series = chart.addSeries(name, epochs.stream().mapToDouble(Epoch::epoch).toArray(), y);
    series.setLineColor(color);
    series.setMarkerColor(color);
    series.setLineStyle(new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    series.setMarker(epochs.size() > MOST_MARKED ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
  }
}
