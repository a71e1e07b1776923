package dev.impromptu.music.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * An interpolated Kneser–Ney n-gram (Kneser and Ney, "Improved backing-off for m-gram language
 * modeling", 1995; interpolated as by Chen and Goodman, "An empirical study of smoothing techniques
 * for language modeling", 1998) that foretells the first target of a window from the last tokens of
 * its context. It sees the same music as a network: all that the training windows show.
 *
 * <p>Its longest contexts are counted as they stand; of a shorter one counts what different tokens
 * stood before it. Immutable and safe for use by several threads.
 */
public final class NGram implements Foreteller {
  private static final int LEAST_ORDER = 2;
  private static final int MOST_ORDER = 6;
  private static final double FIRST_DISCOUNT = 0.75;
  private static final double[] DISCOUNTS = {0.05, 0.2, 0.35, 0.5, 0.65, 0.75, 0.85, 0.95};

  private final Counts counts;
  private final double[] discounts;

  /** {@code discounts[m]} is taken off contexts of {@code m} tokens; that of none is not used. */
  private NGram(Counts counts, double... discounts) {
    this.counts = counts;
    this.discounts = discounts;
  }

  /**
   * The best of orders 2 to 6: each one's discounts, one for each length of context, and the order
   * are those that get most of {@code validation} right, the smallest order of equals.
   *
   * @throws IllegalArgumentException if a part is empty
   */
  public static NGram best(Windows training, Windows validation) {
    if (training.size() == 0 || validation.size() == 0) {
      throw new IllegalArgumentException("NGram: a part without windows cannot be counted");
    }
    Counts counts = Counts.of(new ShownMusic(training));
    NGram best = null;
    long bestCorrect = -1;
    for (int order = LEAST_ORDER; order <= MOST_ORDER; order++) {
      double[] discounts = new double[order];
      Arrays.fill(discounts, FIRST_DISCOUNT);
      long correct = new NGram(counts, discounts).correct(validation);
      for (int length = order - 1; length >= 1; length--) {
        for (double discount : DISCOUNTS) {
          double[] tried = discounts.clone();
          tried[length] = discount;
          long met = new NGram(counts, tried).correct(validation);
          if (met > correct) {
            correct = met;
            discounts = tried;
          }
        }
      }
      if (correct > bestCorrect) {
        bestCorrect = correct;
        best = new NGram(counts, discounts);
      }
    }
    return Objects.requireNonNull(best);
  }

  /** Tokens of a gram, the foretold one included. */
  public int order() {
    return discounts.length;
  }

  /** What is taken off each count, from contexts of one token to the longest. */
  public List<Double> discounts() {
    return Arrays.stream(discounts).skip(1).boxed().toList();
  }

  /**
   * The share of first targets, 0 to 1, that it foretells.
   *
   * @throws IllegalArgumentException if there are no windows
   */
  public double accuracy(Windows heldOut) {
    if (heldOut.size() == 0) {
      throw new IllegalArgumentException("NGram: a part without windows has no score");
    }
    return (double) correct(heldOut) / heldOut.size();
  }

  private long correct(Windows windows) {
    return IntStream.range(0, windows.size())
        .parallel()
        .filter(window -> foretell(windows, window) == windows.target(window, 0))
        .count();
  }

  @Override
  public float[] probabilities(Windows windows, int from, int to) {
    float[] rows = new float[(to - from) * counts.types];
    IntStream.range(from, to)
        .parallel()
        .forEach(
            window -> {
              double[] scores = scores(windows, window);
              for (int token = 0; token < counts.types; token++) {
                rows[(window - from) * counts.types + token] = (float) scores[token];
              }
            });
    return rows;
  }

  /** The likeliest token, the lowest of equals. */
  private int foretell(Windows windows, int window) {
    double[] scores = scores(windows, window);
    int best = 0;
    for (int token = 1; token < scores.length; token++) {
      if (scores[token] > scores[best]) {
        best = token;
      }
    }
    return best;
  }

  /** The probability of every token. */
  private double[] scores(Windows windows, int window) {
    EncodedPiece piece = windows.piece(window);
    int end = windows.start(window) + windows.contextLength();
    int longest = Math.min(order() - 1, windows.contextLength());
    double[] scores = new double[counts.types];
    double weight = 1;
    for (int length = longest; length >= 1; length--) {
      GramTable table = length == order() - 1 ? counts.raw[length] : counts.continued[length];
      long context = GramTable.context(piece, end, length);
      int from = table.begin(context);
      int to = table.end(context);
      if (from == to) {
        continue;
      }
      double total = 0;
      for (int i = from; i < to; i++) {
        total += table.count(i);
      }
      for (int i = from; i < to; i++) {
        scores[table.token(i)] += weight * Math.max(0, table.count(i) - discounts[length]) / total;
      }
      weight *= discounts[length] * (to - from) / total;
    }
    for (int token = 0; token < counts.types; token++) {
      scores[token] += weight * counts.single[token];
    }
    return scores;
  }

  /**
   * Everything that was counted.
   *
   * @param types tokens have numbers below it
   * @param raw by length of the context: how often a token stood after it
   * @param continued by length: after how many different tokens the gram was seen
   * @param single of each token the share of the continued grams without a context
   */
  private record Counts(int types, GramTable[] raw, GramTable[] continued, double[] single) {
    static Counts of(ShownMusic music) {
      int[] types = {0};
      GramTable[] raw = new GramTable[MOST_ORDER];
      GramTable[] continued = new GramTable[MOST_ORDER];
      for (int length = 0; length < MOST_ORDER; length++) {
        LongStream.Builder grams = LongStream.builder();
        List<long[]> longer = new ArrayList<>();
        int exact = length;
        music.forEach(
            0,
            (piece, end, shown, target) -> {
              types[0] = Math.max(types[0], target + 1);
              if (shown >= exact) {
                long context = GramTable.context(piece, end, exact);
                long gram = GramTable.gram(context, target);
                grams.add(gram);
                if (shown > exact) {
                  long before = GramTable.longer(context, piece.id(end - exact - 1));
                  longer.add(new long[] {GramTable.gram(before, target), gram});
                }
              }
            });
        raw[length] = GramTable.count(grams.build());
        continued[length] = GramTable.count(different(longer));
      }
      double[] single = new double[types[0]];
      GramTable none = continued[0];
      int size = none.end(0);
      double total = IntStream.range(0, size).mapToLong(none::count).sum();
      IntStream.range(0, size).forEach(i -> single[none.token(i)] = none.count(i) / total);
      return new Counts(types[0], raw, continued, single);
    }

    /** The shorter gram of every different longer one. */
    private static LongStream different(List<long[]> longerAndShorter) {
      longerAndShorter.sort(Comparator.comparingLong(pair -> pair[0]));
      return IntStream.range(0, longerAndShorter.size())
          .filter(i -> i == 0 || longerAndShorter.get(i)[0] != longerAndShorter.get(i - 1)[0])
          .mapToLong(i -> longerAndShorter.get(i)[1]);
    }
  }
}
