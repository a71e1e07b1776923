package dev.impromptu.music.data;

import java.util.Locale;

/** What is dealt out to training, validation and test. */
public enum SplitKind {
  /** Whole pieces, so that nothing of a test piece is ever trained on. */
  PIECE,
  /**
   * Passages, three windows long or so, of every piece: no note of a test passage is trained on,
   * but other passages of its piece are. For few or short pieces.
   */
  PASSAGE,
  /**
   * Single windows, as in the original project: nearly all notes of a test window also stand in
   * training windows, so its figures say little about unknown music.
   */
  WINDOW;

  /** The name on the command line and in files. */
  public String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The kind of that option name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static SplitKind named(String name) {
    for (SplitKind kind : values()) {
      if (kind.optionName().equals(name)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "split: there is no '%s'; known are piece, passage and window".formatted(name));
  }
}
