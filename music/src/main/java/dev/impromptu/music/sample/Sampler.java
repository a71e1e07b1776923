package dev.impromptu.music.sample;

import dev.impromptu.music.token.Reading;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Chooses the tokens of one composition, one after the other; the same settings, seed and logits
 * give the same tokens.
 *
 * <p>What the piece recalls of itself is mixed in first, if {@link Sampling#recall} wants that.
 *
 * <p>Tokens that a guard refuses are struck out first, then top k and top p are applied to the
 * rest, then one token is drawn. Equal logits rank by lower id. Where the guards together refuse
 * every token they give way in this order: the one that counts equal tokens and figures, the one
 * that listens to bars and keys, and last the grammar of the tokens, since a note can always be
 * heard somehow: only notes are left then, so that a piece comes to its end. Guards that were given
 * never do; of what they say ends dead a token is taken only where every note is said to.
 *
 * <p>Not safe for use by several threads; make one for each composition.
 *
 * <p>Source of top p: A. Holtzman and others, <i>The Curious Case of Neural Text Degeneration</i>
 * (2020).
 */
public final class Sampler {
  private final Sampling sampling;
  private final SplittableRandom random;
  private final Optional<Reading> reading;

  /** From the strictest to the one that gives way first. */
  private final List<Guard> guards;

  /** How many of them never give way. */
  private final int strict;

  private final PieceMemory memory = new PieceMemory();

  /** Makes one that has heard nothing yet and knows nothing of what tokens mean. */
  public Sampler(Sampling sampling, long seed) {
    this(sampling, seed, Optional.empty(), List.of(new RepetitionGuard(sampling)), 0);
  }

  /**
   * Makes one that keeps to the grammar of its tokens.
   *
   * @param reading at the beginning of its sequence; reads on with every token
   * @param tokens the number of tokens that it knows
   * @param strict refuse tokens for good
   */
  public Sampler(Sampling sampling, long seed, Reading reading, int tokens, List<Guard> strict) {
    this(
        sampling,
        seed,
        Optional.of(reading),
        Stream.concat(
                strict.stream(),
                Stream.of(
                    new GrammarGuard(reading),
                    new NotesGuard(reading, tokens),
                    new RepetitionGuard(sampling)))
            .toList(),
        strict.size());
  }

  private Sampler(
      Sampling sampling, long seed, Optional<Reading> reading, List<Guard> guards, int strict) {
    this.sampling = sampling;
    this.random = new SplittableRandom(seed);
    this.reading = reading;
    this.guards = guards;
    this.strict = strict;
  }

  /** Tells the guards what comes before the first choice, such as a primer. */
  public void heard(int... ids) {
    for (int id : ids) {
      play(id);
    }
  }

  private void play(int id) {
    if (sampling.recall() > 0) {
      memory.heard(id);
    }
    guards.forEach(guard -> guard.played(id));
    reading.ifPresent(sequence -> sequence.read(id));
  }

  /** Whether this token is a note or chord; without a reading every token counts as one. */
  public boolean strikes(int id) {
    return reading.map(sequence -> sequence.keys(id).length > 0).orElse(true);
  }

  /**
   * Chooses a token and remembers it.
   *
   * @param logits unnormalised log probabilities by token id
   * @return an id
   * @throws IllegalArgumentException if there are no logits or one is not a number
   * @throws UnplayableException if the strict guards refuse every note, or none is known: a piece
   *     of so many notes would never end
   */
  public int next(float[] logits) {
    check(logits);
    float[] mixed = memory.mix(logits, sampling.recall());
    int[] candidates = candidates(mixed);
    int id = draw(mixed, candidates);
    play(id);
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
    int[] left = left(logits.length);
    int[] ids = new int[0];
    for (int asked = guards.size(); ids.length == 0 && asked > strict; asked--) {
      ids = accepted(left, guards.subList(strict, asked));
    }
    if (ids.length == 0) {
      ids = Arrays.stream(left).filter(this::strikes).toArray();
    }
    int count = ids.length;
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

  /** The ids that the strict guards leave; those that end dead only if every note does. */
  private int[] left(int tokens) {
    List<Guard> asked = guards.subList(0, strict);
    int[] allowed = accepted(IntStream.range(0, tokens).toArray(), asked);
    if (Arrays.stream(allowed).noneMatch(this::strikes)) {
      throw new UnplayableException();
    }
    int[] open =
        Arrays.stream(allowed)
            .filter(id -> asked.stream().noneMatch(guard -> guard.endsDead(id)))
            .toArray();
    return Arrays.stream(open).anyMatch(this::strikes) ? open : allowed;
  }

  private static int[] accepted(int[] ids, List<Guard> asked) {
    return Arrays.stream(ids)
        .filter(id -> asked.stream().noneMatch(guard -> guard.refuses(id)))
        .toArray();
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
