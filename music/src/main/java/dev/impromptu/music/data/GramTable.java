package dev.impromptu.music.data;

import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * How often tokens were seen after contexts, in two sorted arrays. A gram is one number: above, a
 * fingerprint of the context; below, the token. Two contexts in a million of them have one
 * fingerprint with a probability of a few in a hundred, which a score does not notice.
 */
final class GramTable {
  private static final int TOKEN_BITS = 20;
  private static final long TOKEN_MASK = (1L << TOKEN_BITS) - 1;

  private final long[] grams;
  private final int[] counts;

  private GramTable(long[] grams, int[] counts) {
    this.grams = grams;
    this.counts = counts;
  }

  /** Counts the grams, which may come in any order. */
  static GramTable count(LongStream seen) {
    long[] sorted = seen.sorted().toArray();
    long[] grams = new long[sorted.length];
    int[] counts = new int[sorted.length];
    int size = 0;
    for (long gram : sorted) {
      if (size == 0 || grams[size - 1] != gram) {
        grams[size++] = gram;
      }
      counts[size - 1]++;
    }
    return new GramTable(Arrays.copyOf(grams, size), Arrays.copyOf(counts, size));
  }

  /**
   * The fingerprint of the {@code length} tokens of {@code piece} before {@code end}; that of a
   * longer context goes on from that of a shorter one.
   */
  static long context(EncodedPiece piece, int end, int length) {
    long hash = 0;
    for (int i = 1; i <= length; i++) {
      hash = longer(hash, piece.id(end - i));
    }
    return hash;
  }

  /** The fingerprint of a context that {@code token} stands before. */
  static long longer(long context, int token) {
    // The steps of splitmix64 (Steele, Lea and Flood, 2014).
    long z = context + 0x9E3779B97F4A7C15L * (token + 1);
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  static long gram(long context, int token) {
    return context & ~TOKEN_MASK | token;
  }

  /** Where the grams of a context begin; {@link #end} says where they end. */
  int begin(long context) {
    int found = Arrays.binarySearch(grams, context & ~TOKEN_MASK);
    return found < 0 ? -found - 1 : found;
  }

  int end(long context) {
    int found = Arrays.binarySearch(grams, context | TOKEN_MASK);
    return found < 0 ? -found - 1 : found + 1;
  }

  int token(int index) {
    return (int) (grams[index] & TOKEN_MASK);
  }

  int count(int index) {
    return counts[index];
  }

  /** The token seen most often after a context, the lowest of equals; -1 for an unknown context. */
  int commonest(long context) {
    int best = -1;
    int most = 0;
    int end = end(context);
    for (int i = begin(context); i < end; i++) {
      if (counts[i] > most) {
        most = counts[i];
        best = token(i);
      }
    }
    return best;
  }
}
