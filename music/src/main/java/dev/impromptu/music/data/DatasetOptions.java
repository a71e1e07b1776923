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
 */
public record DatasetOptions(
    int minCount, boolean skipNote, SplitKind split, long seed, int contextLength, int future) {
  /** The defaults: minCount 50, no skipped note, split by piece, seed 0, 32 tokens and 8 ahead. */
  public static final DatasetOptions DEFAULTS =
      new DatasetOptions(50, false, SplitKind.PIECE, 0, 32, 8);

  /** Checks the ranges stated above. */
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
  }

  /** The same with another {@code minCount}. */
  public DatasetOptions withMinCount(int count) {
    return new DatasetOptions(count, skipNote, split, seed, contextLength, future);
  }

  /** The same with another {@code skipNote}. */
  public DatasetOptions withSkipNote(boolean skip) {
    return new DatasetOptions(minCount, skip, split, seed, contextLength, future);
  }

  /** The same with another split. */
  public DatasetOptions withSplit(SplitKind kind) {
    return new DatasetOptions(minCount, skipNote, kind, seed, contextLength, future);
  }

  /** The same with another seed. */
  public DatasetOptions withSeed(long value) {
    return new DatasetOptions(minCount, skipNote, split, value, contextLength, future);
  }
}
