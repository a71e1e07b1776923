package dev.impromptu.music.songbook;

/**
 * A song text that cannot be read. The message names the piece, the bar and the column (in the
 * header: the line and the column), what was met, what was expected and how to mend it.
 */
public final class SongbookException extends RuntimeException {
  /**
   * Carries a finished message.
   *
   * @param message where it is wrong and how to mend it
   */
  public SongbookException(String message) {
    super(message);
  }
}
