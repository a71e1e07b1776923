package dev.impromptu.examples.cli;

import dev.impromptu.music.data.EncodedPiece;
import dev.impromptu.music.data.TokenizedPiece;
import dev.impromptu.music.data.Windows;
import dev.impromptu.music.token.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Sine waves of several frequencies as sequences of tokens: each value rounded to two decimals is
 * one. A window of 32 points must show both frequency and phase, so every wave has a whole period
 * in it.
 */
final class Sinusoids {
  /** Points in a period of each wave. */
  static final List<Integer> PERIODS = List.of(16, 20, 25, 32);

  static final int CONTEXT = 32;

  /** Phases of each wave to learn from; each gives a window for every point of the period. */
  private static final int PHASES = 120;

  private static final int HELD_OUT_PHASES = 30;

  private final Vocabulary vocabulary;
  private final Windows training;
  private final Windows heldOut;

  Sinusoids(long seed) {
    var random = new SplittableRandom(seed);
    List<TokenizedPiece> learned = waves(PHASES, random);
    List<TokenizedPiece> others = waves(HELD_OUT_PHASES, random);
    // Every value a wave can have, whether or not some phase in training has it.
    List<String> values = IntStream.rangeClosed(-100, 100).mapToObj(v -> token(v / 100.0)).toList();
    vocabulary = Vocabulary.build(List.of(values), 1);
    training = windows(learned);
    heldOut = windows(others);
  }

  private static List<TokenizedPiece> waves(int phases, SplittableRandom random) {
    List<TokenizedPiece> waves = new ArrayList<>();
    for (int period : PERIODS) {
      for (int i = 0; i < phases; i++) {
        double[] points = wave(period, random.nextDouble(), CONTEXT + period);
        waves.add(
            new TokenizedPiece(
                "period " + period,
                IntStream.range(0, points.length).mapToObj(n -> token(points[n])).toList()));
      }
    }
    return waves;
  }

  /**
   * A wave.
   *
   * @param phase at its first point, as a share of the period
   */
  static double[] wave(int period, double phase, int points) {
    return IntStream.range(0, points)
        .mapToDouble(n -> Math.sin(2 * Math.PI * ((double) n / period + phase)))
        .toArray();
  }

  private static String token(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.equals("-0.00") ? "0.00" : text;
  }

  private Windows windows(List<TokenizedPiece> waves) {
    List<EncodedPiece> encoded =
        waves.stream().map(wave -> EncodedPiece.of(wave, vocabulary)).toList();
    return Windows.of(encoded, CONTEXT, 1, false);
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  Windows training() {
    return training;
  }

  /** Of phases that are not trained on. */
  Windows heldOut() {
    return heldOut;
  }

  int[] tokens(double[] points) {
    return vocabulary.encode(
        IntStream.range(0, points.length).mapToObj(n -> token(points[n])).toList());
  }

  double[] values(int[] tokens) {
    return vocabulary.decode(tokens).stream().mapToDouble(Double::parseDouble).toArray();
  }
}
