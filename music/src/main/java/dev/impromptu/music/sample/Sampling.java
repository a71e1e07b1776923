package dev.impromptu.music.sample;

/**
 * How the next token is chosen.
 *
 * @param temperature logits are divided by it: below 1 surer, above 1 wilder; 0 takes the likeliest
 * @param topK only that many likeliest tokens are drawn from; 0 for all
 * @param topP only the likeliest tokens that together reach this probability are drawn from, above
 *     0 and at most 1; 1 for all
 * @param maxRepeats the repetition guard: no token stands more than this many times running; 0 for
 *     no limit
 * @param maxCycles the repetition guard for figures: no cycle of {@link #SHORTEST_CYCLE} to {@link
 *     #LONGEST_CYCLE} tokens is played more than this many times running; 0 for no limit
 * @param recall how much the piece comes back to what it has played, 0 for not at all to 1 for as
 *     much as its {@link PieceMemory} is to be trusted in music that was written down
 */
public record Sampling(
    double temperature, int topK, double topP, int maxRepeats, int maxCycles, double recall) {
  /** The shortest figure the guard watches for, in tokens. */
  public static final int SHORTEST_CYCLE = 2;

  /** The longest figure the guard watches for, in tokens. */
  public static final int LONGEST_CYCLE = 8;

  /** Temperature 1, all tokens, at most 4 equal ones running and at most 4 rounds of a figure. */
  public static final Sampling DEFAULTS = new Sampling(1, 0, 1, 4, 4);

  /** Checks the ranges stated above. */
  public Sampling {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "Sampling: temperature " + temperature + " must be a number of at least 0");
    }
    if (topK < 0) {
      throw new IllegalArgumentException(
          "Sampling: topK " + topK + " must be at least 1, or 0 for all tokens");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException(
          "Sampling: topP " + topP + " must be above 0 and at most 1");
    }
    if (maxRepeats < 0 || maxCycles < 0) {
      throw new IllegalArgumentException(
          "Sampling: maxRepeats "
              + maxRepeats
              + " and maxCycles "
              + maxCycles
              + " must be at least 1, or 0 for no limit");
    }
    if (!(recall >= 0 && recall <= 1)) {
      throw new IllegalArgumentException(
          "Sampling: recall " + recall + " must be at least 0 and at most 1");
    }
  }

  /** Without recall. */
  public Sampling(double temperature, int topK, double topP, int maxRepeats, int maxCycles) {
    this(temperature, topK, topP, maxRepeats, maxCycles, 0);
  }

  /** The same with another temperature. */
  public Sampling withTemperature(double value) {
    return new Sampling(value, topK, topP, maxRepeats, maxCycles, recall);
  }

  /** The same with another top k. */
  public Sampling withTopK(int value) {
    return new Sampling(temperature, value, topP, maxRepeats, maxCycles, recall);
  }

  /** The same with another top p. */
  public Sampling withTopP(double value) {
    return new Sampling(temperature, topK, value, maxRepeats, maxCycles, recall);
  }

  /** The same with another recall. */
  public Sampling withRecall(double value) {
    return new Sampling(temperature, topK, topP, maxRepeats, maxCycles, value);
  }
}
