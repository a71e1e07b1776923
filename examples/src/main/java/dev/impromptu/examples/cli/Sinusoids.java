package dev.impromptu.examples.cli;

import dev.impromptu.music.data.EncodedPiece;
import dev.impromptu.music.data.TokenizedPiece;
import dev.impromptu.music.data.Windows;
import dev.impromptu.music.token.Vocabulary;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
  static final int PHASES = 2500;

  /** Phases of each wave to judge by. */
  private static final int HELD_OUT_PHASES = 30;

  // Every value a wave can have, whether or not some phase in training has it.
  private final Vocabulary vocabulary =
      Vocabulary.build(
          List.of(IntStream.rangeClosed(-100, 100).mapToObj(v -> token(v / 100.0)).toList()), 1);

  private final Windows training;
  private final Windows unseenPhases;
  private final Windows unseenWindows;
  private final Set<IntBuffer> learned = new HashSet<>();

  /**
   * Draws the phases.
   *
   * @param phases of each wave to learn from
   */
  Sinusoids(long seed, int phases) {
    var random = new SplittableRandom(seed);
    List<EncodedPiece> waves = new ArrayList<>();
    for (int period : PERIODS) {
      for (int i = 0; i < phases; i++) {
        waves.add(encoded(wave(period, random.nextDouble(), CONTEXT + period)));
      }
    }
    training = Windows.of(waves, CONTEXT, 1, false);
    waves.forEach(wave -> windows(wave).forEach(learned::add));
    unseenPhases = judged(period -> random.nextDouble());
    unseenWindows = judged(period -> unseenPhase(period, random));
  }

  private Windows judged(IntToDoubleFunction phase) {
    List<EncodedPiece> others = new ArrayList<>();
    for (int period : PERIODS) {
      for (int i = 0; i < HELD_OUT_PHASES; i++) {
        others.add(encoded(wave(period, phase.applyAsDouble(period), CONTEXT + period)));
      }
    }
    return Windows.of(others, CONTEXT, 1, false);
  }

  /** A phase whose wave, rounded, has no window in common with any that is trained on. */
  double unseenPhase(int period, SplittableRandom random) {
    while (true) {
      double phase = random.nextDouble();
      EncodedPiece wave = encoded(wave(period, phase, CONTEXT + period));
      if (windows(wave).noneMatch(learned::contains)) {
        return phase;
      }
    }
  }

  private EncodedPiece encoded(double[] points) {
    List<String> tokens = Arrays.stream(points).mapToObj(Sinusoids::token).toList();
    return EncodedPiece.of(new TokenizedPiece("wave", tokens), vocabulary);
  }

  /** Every stretch of a context and the point after it. */
  private static Stream<IntBuffer> windows(EncodedPiece wave) {
    int[] ids = wave.ids();
    return IntStream.range(0, ids.length - CONTEXT)
        .mapToObj(from -> IntBuffer.wrap(Arrays.copyOfRange(ids, from, from + CONTEXT + 1)));
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

  Vocabulary vocabulary() {
    return vocabulary;
  }

  Windows training() {
    return training;
  }

  /** Of other phases. Rounded, some of their windows are those of a phase that was learned. */
  Windows unseenPhases() {
    return unseenPhases;
  }

  /** Of phases none of whose windows, rounded, is one that was learned. */
  Windows unseenWindows() {
    return unseenWindows;
  }

  int[] tokens(double[] points) {
    return encoded(points).ids();
  }

  double[] values(int[] tokens) {
    return vocabulary.decode(tokens).stream().mapToDouble(Double::parseDouble).toArray();
  }
}
