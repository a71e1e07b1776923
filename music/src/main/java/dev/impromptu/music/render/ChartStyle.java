package dev.impromptu.music.render;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.Styler;

/** How charts look. */
final class ChartStyle {
  static final Color FIRST = new Color(0x0B6E8F);
  static final Color SECOND = new Color(0xC8641B);
  static final Color FAINT_INK = new Color(0x7A7F85);

  private static final Color PAPER = new Color(0xFCFBF8);
  private static final Color INK = new Color(0x2E3338);
  private static final Color GRID = new Color(0xE6E3DB);

  private ChartStyle() {}

  static void apply(XYChart chart) {
    var style = chart.getStyler();
    style.setChartBackgroundColor(PAPER);
    style.setPlotBackgroundColor(Color.WHITE);
    style.setPlotBorderColor(GRID);
    style.setPlotGridLinesColor(GRID);
    style.setPlotGridLinesStroke(new BasicStroke(1f));
    style.setChartFontColor(INK);
    style.setAxisTickLabelsColor(FAINT_INK);
    style.setAxisTickMarksColor(FAINT_INK);
    style.setChartTitleBoxVisible(false);
    style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16));
    style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    style.setLegendPosition(Styler.LegendPosition.InsideNE);
    style.setLegendBorderColor(GRID);
    style.setLegendBackgroundColor(Color.WHITE);
    style.setChartPadding(14);
    style.setMarkerSize(6);
    style.setAntiAlias(true);
    style.setTextAntiAlias(true);
  }
}
