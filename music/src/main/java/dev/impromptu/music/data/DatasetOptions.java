package dev.impromptu.music.data;

/**
 * How {@link MusicDataset} is made.
 *
 * @param minCount tokens seen fewer times than this are dropped, at least 1
 * @param skipNote whether the token after the context is left out, as the original project did
 * @param split what is dealt out to the three parts
 * @param seed decides the split
 * @param contextLength tokens a model is given, at least 1
 * @param future tokens after them to foretell, at least 1
 * @param fold which of {@link #FOLDS} equal shares of the pieces is the test part, from 1; 0 for 70
 *     : 20 : 10
 * @param transpose training pieces are also learned from in the keys up to so many semitones above
 *     and below, 0 to {@link #MOST_TRANSPOSE}
 */
public record DatasetOptions(
    int minCount,
    boolean skipNote,
    SplitKind split,
    long seed,
    int contextLength,
    int future,
    int fold,
    int transpose) {
  /** The shares into which pieces are dealt for a fold. */
  public static final int FOLDS = 5;

  /** With so many semitones each way every key is reached, one of them twice. */
  public static final int MOST_TRANSPOSE = 6;

  /** The defaults: minCount 50, no skipped note, split by piece, seed 0, 32 tokens and 8 ahead. */
  public static final DatasetOptions DEFAULTS =
      new DatasetOptions(50, false, SplitKind.PIECE, 0, 32, 8);

  /** Checks the ranges stated above, and that nothing but 0 for both goes with a window split. */
  public DatasetOptions {
    if (minCount < 1 || contextLength < 1 || future < 1) {
      throw new IllegalArgumentException(
          "DatasetOptions: minCount "
              + minCount
              + ", contextLength "
              + contextLength
              + " and future "
              + future
              + " must be at least 1");
    }
    if (fold < 0 || fold > FOLDS || transpose < 0 || transpose > MOST_TRANSPOSE) {
      throw new IllegalArgumentException(
          "DatasetOptions: fold %d must be from 0 to %d and transpose %d from 0 to %d"
              .formatted(fold, FOLDS, transpose, MOST_TRANSPOSE));
    }
    if (split == SplitKind.WINDOW && (fold > 0 || transpose > 0)) {
      throw new IllegalArgumentException(
          "DatasetOptions: fold %d and transpose %d need whole pieces or passages to hold out, but the split is by window; set both to 0 or split by piece or passage"
              .formatted(fold, transpose));
    }
  }

  /** Without folds and transposition. */
  public DatasetOptions(
      int minCount, boolean skipNote, SplitKind split, long seed, int contextLength, int future) {
    this(minCount, skipNote, split, seed, contextLength, future, 0, 0);
  }

  /** The same with another {@code minCount}. */
  public DatasetOptions withMinCount(int count) {
    return new DatasetOptions(count, skipNote, split, seed, contextLength, future, fold, transpose);
  }

  /** The same with another {@code skipNote}. */
  public DatasetOptions withSkipNote(boolean skip) {
    return new DatasetOptions(minCount, skip, split, seed, contextLength, future, fold, transpose);
  }

  /** The same with another split. */
  public DatasetOptions withSplit(SplitKind kind) {
    return new DatasetOptions(
        minCount, skipNote, kind, seed, contextLength, future, fold, transpose);
  }

  /** The same with another seed. */
  public DatasetOptions withSeed(long value) {
    return new DatasetOptions(
        minCount, skipNote, split, value, contextLength, future, fold, transpose);
  }

  /** The same with another fold. */
  public DatasetOptions withFold(int number) {
    return new DatasetOptions(
        minCount, skipNote, split, seed, contextLength, future, number, transpose);
  }

  /** The same with another transposition. */
  public DatasetOptions withTranspose(int semitones) {
    return new DatasetOptions(
        minCount, skipNote, split, seed, contextLength, future, fold, semitones);
  }
}
