package dev.impromptu.music.sample;

import java.util.Arrays;

/**
 * Remembers a piece while it goes on, and names what stood where its last tokens stood before.
 *
 * <p>Music returns to itself, and a model that looks back on 32 tokens does not know that a whole
 * section is being repeated. The longest end of the piece that stood earlier in it is looked up, as
 * in a language model with a cache (Kuhn and De Mori, "A cache-based natural language model for
 * speech recognition", 1990) whose contexts have any length (Liu and others, "Infini-gram", 2024),
 * and the token behind its latest earlier place is recalled. The longer that end, the more it is
 * trusted.
 *
 * <p>Not safe for use by several threads.
 */
public final class PieceMemory {
  /** Ends are compared up to so many tokens. */
  public static final int LONGEST = 32;

  /** Of a token's earlier places so many are looked at, the latest. */
  private static final int MOST_PLACES = 4096;

  /** After so many equal tokens the memory is right as often as not. */
  private static final double DOUBT = 4;

  private static final int NONE = -1;

  private int[] tokens = new int[64];

  /** Of every place in {@link #tokens} the last one before it with an equal token. */
  private int[] before = new int[64];

  /** Of every token its last place. */
  private int[] latest = new int[0];

  private int length;
  private int matched;

  /** Behind the earlier place of the longest end. */
  private int place;

  /** Takes the next token of the piece, at least 0. */
  public void heard(int token) {
    if (token < 0) {
      throw new IllegalArgumentException(
          "PieceMemory: met token " + token + ", expected 0 or more");
    }
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * length);
      before = Arrays.copyOf(before, 2 * length);
    }
    if (token >= latest.length) {
      int known = latest.length;
      latest = Arrays.copyOf(latest, 2 * token + 1);
      Arrays.fill(latest, known, latest.length, NONE);
    }
    tokens[length] = token;
    before[length] = latest[token];
    latest[token] = length++;
    search();
  }

  private void search() {
    int last = length - 1;
    matched = 0;
    int places = MOST_PLACES;
    for (int end = before[last];
        end != NONE && matched < LONGEST && places-- > 0;
        end = before[end]) {
      int equal = 1;
      while (equal < LONGEST && equal <= end && tokens[end - equal] == tokens[last - equal]) {
        equal++;
      }
      if (equal > matched) {
        matched = equal;
        place = end + 1;
      }
    }
  }

  /** How many of the last tokens stood in this order before, 0 to {@link #LONGEST}. */
  public int matched() {
    return matched;
  }

  /** The token that stood behind them, or -1 where nothing matched. */
  public int recalled() {
    return recalled(0);
  }

  /** The token that stood {@code skipped} tokens further on, or -1 if that is not known. */
  public int recalled(int skipped) {
    return matched > 0 && place + skipped < length ? tokens[place + skipped] : NONE;
  }

  /** How sure {@link #recalled()} is, 0 to 1: {@code matched / (matched + 4)}. */
  public double trust() {
    return matched / (matched + DOUBT);
  }

  /**
   * Mixes the recalled token into what a model foretells.
   *
   * @param logits unnormalised log probabilities by token id
   * @param strength 0 to 1, times {@link #trust()} the share that goes to the recalled token
   * @return logarithms of the mixed probabilities, or {@code logits} where nothing is recalled
   */
  public float[] mix(float[] logits, double strength) {
    int recalled = recalled();
    double share = strength * trust();
    if (recalled == NONE || recalled >= logits.length || share == 0) {
      return logits;
    }
    double most = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      most = Math.max(most, logit);
    }
    if (most == Double.NEGATIVE_INFINITY) {
      return logits;
    }
    double total = 0;
    for (float logit : logits) {
      total += Math.exp(logit - most);
    }
    float[] mixed = new float[logits.length];
    for (int id = 0; id < mixed.length; id++) {
      double foretold = (1 - share) * Math.exp(logits[id] - most) / total;
      mixed[id] = (float) Math.log(id == recalled ? foretold + share : foretold);
    }
    return mixed;
  }
}
