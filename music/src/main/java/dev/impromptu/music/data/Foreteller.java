package dev.impromptu.music.data;

/** Foretells the first target of windows from their contexts. */
@FunctionalInterface
public interface Foreteller {
  /**
   * How likely every token is.
   *
   * @param from the first window, inclusive
   * @param to the last window, exclusive
   * @return probabilities by row, {@code [to - from, tokens]}
   */
  float[] probabilities(Windows windows, int from, int to);
}
