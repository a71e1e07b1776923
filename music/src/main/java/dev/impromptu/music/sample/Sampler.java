package dev.impromptu.music.sample;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Chooses the tokens of one composition, one after the other; the same settings, seed and logits
 * give the same tokens.
 *
 * <p>Tokens that the repetition guard refuses are struck out first, then top k and top p are
 * applied to the rest, then one token is drawn. Equal logits rank by lower id. When every token is
 * refused, the guard gives way.
 *
 * <p>Not safe for use by several threads; make one for each composition.
 *
 * <p>Source of top p: A. Holtzman and others, <i>The Curious Case of Neural Text Degeneration</i>
 * (2020).
 */
public final class Sampler {
  private final Sampling sampling;
  private final SplittableRandom random;
  private final RepetitionGuard guard;

  /** Makes one that has heard nothing yet. */
  public Sampler(Sampling sampling, long seed) {
    this.sampling = sampling;
    this.random = new SplittableRandom(seed);
    this.guard = new RepetitionGuard(sampling);
  }

  /** Tells the repetition guard what comes before the first choice, such as a primer. */
  public void heard(int... ids) {
    for (int id : ids) {
      guard.played(id);
    }
  }

  /**
   * Chooses a token and remembers it.
   *
   * @param logits unnormalised log probabilities by token id
   * @return an id
   * @throws IllegalArgumentException if there are no logits or one is not a number
   */
  public int next(float[] logits) {
    check(logits);
    int[] candidates = candidates(logits);
    int id = draw(logits, candidates);
    guard.played(id);
    return id;
  }

  private static void check(float[] logits) {
    if (logits.length == 0) {
      throw new IllegalArgumentException("Sampler: there are no logits to choose from");
    }
    for (int id = 0; id < logits.length; id++) {
      if (Float.isNaN(logits[id]) || logits[id] == Float.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "Sampler: the logit of id "
                + id
                + " is "
                + logits[id]
                + ", expected a finite number; has training diverged?");
      }
    }
  }

  /** The ids to draw from, likeliest first, at most {@code topK}. */
  private int[] candidates(float[] logits) {
    int[] ids = new int[logits.length];
    int count = 0;
    for (int id = 0; id < ids.length; id++) {
      if (!guard.refuses(id)) {
        ids[count++] = id;
      }
    }
    if (count == 0) {
      // Silence is no choice.
      count = ids.length;
      Arrays.setAll(ids, id -> id);
    }
    long[] ranked = new long[count];
    for (int i = 0; i < count; i++) {
      ranked[i] = rank(logits[ids[i]], ids[i]);
    }
    Arrays.sort(ranked);
    int kept = sampling.topK() == 0 ? count : Math.min(sampling.topK(), count);
    int[] candidates = new int[kept];
    for (int i = 0; i < kept; i++) {
      candidates[i] = (int) ranked[i];
    }
    return candidates;
  }

  /** A number that sorts by falling logit, then by rising id, with the id in its low half. */
  private static long rank(float logit, int id) {
    int bits = Float.floatToIntBits(logit + 0f);
    int rising = bits < 0 ? bits ^ 0x7FFFFFFF : bits;
    return (long) ~rising << 32 | id;
  }

  private int draw(float[] logits, int[] candidates) {
    if (sampling.temperature() == 0 || logits[candidates[0]] == Float.NEGATIVE_INFINITY) {
      return candidates[0];
    }
    double[] weights = new double[candidates.length];
    double total = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] =
          Math.exp(
              (logits[candidates[i]] - (double) logits[candidates[0]]) / sampling.temperature());
      total += weights[i];
    }
    int kept = weights.length;
    if (sampling.topP() < 1) {
      double nucleus = 0;
      kept = 0;
      while (kept < weights.length && nucleus < sampling.topP() * total) {
        nucleus += weights[kept++];
      }
      total = nucleus;
    }
    double point = random.nextDouble() * total;
    for (int i = 0; i < kept; i++) {
      point -= weights[i];
      if (point < 0) {
        return candidates[i];
      }
    }
    return candidates[0];
  }
}
