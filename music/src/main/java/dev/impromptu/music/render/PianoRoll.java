package dev.impromptu.music.render;

import dev.impromptu.io.AtomicFiles;
import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.TempoMap;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import javax.imageio.ImageIO;

/**
 * Draws scores as piano rolls: time to the right with a line at each bar, pitch upwards with the Cs
 * named, louder notes darker, and the notes of a primer in another colour. Needs no display.
 */
public final class PianoRoll {
  private static final int BEATS_PER_BAR = 4;
  private static final int LEFT = 64;
  private static final int RIGHT = 28;
  private static final int TOP = 78;
  private static final int BOTTOM = 46;
  private static final int LEAST_PLOT_WIDTH = 1200;
  private static final int MOST_PLOT_WIDTH = 6000;
  private static final double LIKED_BEAT_WIDTH = 28;
  private static final int LIKED_PLOT_HEIGHT = 560;
  private static final int BAR_LABEL_WIDTH = 48;
  private static final int LEAST_KEYS = 36;

  private static final Color PAPER = new Color(0xFCFBF8);
  private static final Color WHITE_ROW = new Color(0xFFFFFF);
  private static final Color BLACK_ROW = new Color(0xF3F2EE);
  private static final Color BEAT_LINE = new Color(0xECEAE4);
  private static final Color BAR_LINE = new Color(0xCFCCC3);
  private static final Color OCTAVE_LINE = new Color(0xDAD7CF);
  private static final Color FRAME = new Color(0xB9B5AA);
  private static final Color INK = new Color(0x2E3338);
  private static final Color FAINT_INK = new Color(0x7A7F85);
  private static final Color COMPOSED_SOFT = new Color(0x9CC7D6);
  private static final Color COMPOSED_LOUD = new Color(0x0B4F6C);
  private static final Color PRIMER_SOFT = new Color(0xF2CF9B);
  private static final Color PRIMER_LOUD = new Color(0xB5541C);

  private final Score score;
  private final double primerBeats;
  private final int lowest;
  private final int highest;
  private final int bars;
  private final double beatWidth;
  private final double rowHeight;
  private final BufferedImage image;
  private final Graphics2D g;

  private PianoRoll(Score score, OptionalDouble primerEnd) {
    this.score = score;
    primerBeats = primerEnd.orElse(0);
    int low = 127;
    int high = 0;
    for (Part part : score.parts()) {
      for (Note note : part.notes()) {
        low = Math.min(low, note.pitch());
        high = Math.max(high, note.pitch());
      }
    }
    if (low > high) {
      low = 60;
      high = 60;
    }
    int spare = Math.max(4, LEAST_KEYS - (high - low + 1));
    lowest = Math.max(0, low - spare / 2);
    highest = Math.min(127, high + (spare + 1) / 2);
    double beats = (double) score.lastTick() / score.ticksPerBeat();
    bars = (int) Math.max(1, Math.ceil(beats / BEATS_PER_BAR - 1e-9));
    double width =
        Math.clamp(
            (double) bars * BEATS_PER_BAR * LIKED_BEAT_WIDTH, LEAST_PLOT_WIDTH, MOST_PLOT_WIDTH);
    beatWidth = width / ((double) bars * BEATS_PER_BAR);
    rowHeight = Math.clamp((double) LIKED_PLOT_HEIGHT / keys(), 7, 15);
    image =
        new BufferedImage(
            LEFT + (int) Math.ceil(width) + RIGHT,
            TOP + (int) Math.ceil(rowHeight * keys()) + BOTTOM,
            BufferedImage.TYPE_INT_RGB);
    g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
  }

  /**
   * Draws {@code score} under its title.
   *
   * @param primerEnd the beat at which the primer ends: notes that begin before it are drawn as
   *     its; empty if there is none
   */
  public static BufferedImage image(Score score, OptionalDouble primerEnd) {
    var roll = new PianoRoll(score, primerEnd);
    try {
      roll.draw();
    } finally {
      roll.g.dispose();
    }
    return roll.image;
  }

  /**
   * Draws {@code score} as {@link #image} does to the PNG {@code file}, which is replaced as a
   * whole or not at all.
   *
   * @throws IOException if the file cannot be written
   */
  public static void write(Score score, OptionalDouble primerEnd, Path file) throws IOException {
    BufferedImage image = image(score, primerEnd);
    AtomicFiles.write(
        file,
        out -> {
          if (!ImageIO.write(image, "png", out)) {
            throw new IOException("this Java cannot write PNG pictures");
          }
        });
  }

  private void draw() {
    g.setColor(PAPER);
    g.fillRect(0, 0, image.getWidth(), image.getHeight());
    drawRows();
    drawBars();
    drawNotes();
    drawPrimerEnd();
    g.setColor(FRAME);
    g.setStroke(new BasicStroke(1f));
    g.draw(new Rectangle2D.Double(LEFT, TOP, plotWidth(), plotHeight()));
    drawTitle();
  }

  private void drawRows() {
    for (int pitch = lowest; pitch <= highest; pitch++) {
      g.setColor(isBlack(pitch) ? BLACK_ROW : WHITE_ROW);
      g.fill(new Rectangle2D.Double(LEFT, y(pitch), plotWidth(), rowHeight));
    }
    g.setFont(font(Font.PLAIN, 12));
    FontMetrics metrics = g.getFontMetrics();
    for (int pitch = lowest; pitch <= highest; pitch++) {
      if (pitch % 12 == 0) {
        g.setColor(OCTAVE_LINE);
        double bottom = y(pitch) + rowHeight;
        g.draw(new Line2D.Double(LEFT, bottom, LEFT + plotWidth(), bottom));
        g.setColor(pitch == 60 ? INK : FAINT_INK);
        String name = "C" + (pitch / 12 - 1);
        float middle = (float) (y(pitch) + rowHeight / 2);
        g.drawString(
            name,
            LEFT - 10 - metrics.stringWidth(name),
            middle + (metrics.getAscent() - metrics.getDescent()) / 2f);
      }
    }
  }

  private void drawBars() {
    g.setFont(font(Font.PLAIN, 12));
    FontMetrics metrics = g.getFontMetrics();
    int every = 1;
    while (every * BEATS_PER_BAR * beatWidth < BAR_LABEL_WIDTH) {
      every *= 2;
    }
    for (int beat = 0; beat <= bars * BEATS_PER_BAR; beat++) {
      boolean isBar = beat % BEATS_PER_BAR == 0;
      int bar = beat / BEATS_PER_BAR;
      if (isBar || beatWidth >= 8) {
        g.setColor(isBar ? BAR_LINE : BEAT_LINE);
        g.draw(new Line2D.Double(x(beat), TOP, x(beat), TOP + plotHeight()));
      }
      if (isBar && bar < bars && bar % every == 0) {
        g.setColor(FAINT_INK);
        g.drawString(
            Integer.toString(bar + 1),
            (float) x(beat) + 3,
            (float) (TOP + plotHeight() + 6 + metrics.getAscent()));
      }
    }
    g.setColor(FAINT_INK);
    String label = "bars of four beats";
    g.drawString(
        label,
        (float) (LEFT + plotWidth() - metrics.stringWidth(label)),
        (float) (TOP + plotHeight() + 24 + metrics.getAscent()));
  }

  private void drawNotes() {
    for (Part part : score.parts()) {
      for (Note note : part.notes()) {
        double from = x((double) note.onset() / score.ticksPerBeat());
        double to = x((double) note.release() / score.ticksPerBeat());
        boolean primer = note.onset() < primerBeats * score.ticksPerBeat();
        float loudness = Math.clamp((note.velocity() - 20) / 90f, 0, 1);
        Color fill =
            primer
                ? mix(PRIMER_SOFT, PRIMER_LOUD, loudness)
                : mix(COMPOSED_SOFT, COMPOSED_LOUD, loudness);
        double width = Math.max(2, to - from - 1);
        var shape =
            new RoundRectangle2D.Double(
                from + 0.5, y(note.pitch()) + 0.75, width, rowHeight - 1.5, 4, 4);
        g.setColor(fill);
        g.fill(shape);
        g.setStroke(new BasicStroke(0.7f));
        g.setColor(fill.darker());
        g.draw(shape);
      }
    }
    g.setStroke(new BasicStroke(1f));
  }

  private void drawPrimerEnd() {
    if (primerBeats > 0) {
      g.setColor(PRIMER_LOUD);
      g.setStroke(new BasicStroke(1.5f, BasicStroke.CAP_BUTT, 0, 10f, new float[] {5, 4}, 0));
      g.draw(new Line2D.Double(x(primerBeats), TOP, x(primerBeats), TOP + plotHeight()));
    }
  }

  private void drawTitle() {
    g.setColor(INK);
    g.setFont(font(Font.BOLD, 20));
    g.drawString(score.title(), LEFT, 34);
    g.setFont(font(Font.PLAIN, 13));
    g.setColor(FAINT_INK);
    double seconds = TempoMap.seconds(score);
    g.drawString(
        String.format(
            Locale.ROOT,
            "%,d notes · %d:%02d",
            score.noteCount(),
            (int) (seconds / 60),
            (int) (seconds % 60)),
        LEFT,
        56);
    double right = legend(LEFT + plotWidth(), "soft to loud", COMPOSED_SOFT, COMPOSED_LOUD);
    if (primerBeats > 0) {
      legend(right - 18, "primer", PRIMER_SOFT, PRIMER_LOUD);
    }
  }

  /** Draws a shaded bar with a name to its right, ending at {@code right}; returns its left end. */
  private double legend(double right, String name, Color soft, Color loud) {
    FontMetrics metrics = g.getFontMetrics();
    double textX = right - metrics.stringWidth(name);
    int steps = 5;
    int step = 12;
    double barX = textX - 8 - steps * step;
    for (int i = 0; i < steps; i++) {
      g.setColor(mix(soft, loud, i / (steps - 1f)));
      g.fill(new Rectangle2D.Double(barX + i * step, 46, step, 11));
    }
    g.setColor(FAINT_INK);
    g.drawString(name, (float) textX, 56f);
    return barX;
  }

  private int keys() {
    return highest - lowest + 1;
  }

  private double plotWidth() {
    return beatWidth * bars * BEATS_PER_BAR;
  }

  private double plotHeight() {
    return rowHeight * keys();
  }

  private double x(double beat) {
    return LEFT + beat * beatWidth;
  }

  private double y(int pitch) {
    return TOP + (highest - pitch) * rowHeight;
  }

  private static boolean isBlack(int pitch) {
    return (0b010101001010 >> pitch % 12 & 1) != 0;
  }

  private static Font font(int style, int size) {
    return new Font(Font.SANS_SERIF, style, size);
  }

  private static Color mix(Color a, Color b, float share) {
    return new Color(
        Math.round(a.getRed() + (b.getRed() - a.getRed()) * share),
        Math.round(a.getGreen() + (b.getGreen() - a.getGreen()) * share),
        Math.round(a.getBlue() + (b.getBlue() - a.getBlue()) * share));
  }
}
