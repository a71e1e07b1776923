package dev.impromptu.music.data;

/** What is dealt out to training, validation and test. */
public enum SplitKind {
  /** Whole pieces, so that nothing of a test piece is ever trained on. */
  PIECE,
  /**
   * Single windows, as in the original project: nearly all notes of a test window also stand in
   * training windows, so its figures say little about unknown music.
   */
  WINDOW
}
