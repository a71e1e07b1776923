package dev.impromptu.music.token;

/**
 * What a growing sequence of tokens means so far, and which tokens may come next. Tokens go by
 * their numbers in a {@link Vocabulary}.
 *
 * <p>Has a state: make one for each sequence with {@link Tokenizer#reading}.
 */
public interface Reading {
  /** The unit of {@link #time()}: so many to a beat. */
  int UNITS_PER_BEAT = 24;

  /**
   * Takes the next token. One that is not allowed is passed over as {@link Tokenizer#score} does,
   * for what was cut from the middle of a piece may begin in the middle of a word.
   */
  void read(int id);

  /** Whether the sequence with this token added still makes sense to its end. */
  boolean allows(int id);

  /** The MIDI keys that this token strikes, ascending; none for one that tells something else. */
  int[] keys(int id);

  /** When the next token strikes its keys, in units from the beginning. */
  long time();

  /** What {@link #time()} will be when this token has been read. */
  long timeAfter(int id);
}
