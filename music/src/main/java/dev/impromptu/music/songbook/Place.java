package dev.impromptu.music.songbook;

/**
 * Where in a song text something stands, to be put at the head of an error message.
 *
 * @param piece file name of the piece
 * @param unit {@code bar} in the music, {@code line} in the header
 * @param number bar or line number
 * @param column column in its line, from 1
 */
record Place(String piece, String unit, int number, int column) {
  static Place bar(String piece, int bar, int column) {
    return new Place(piece, "bar", bar, column);
  }

  static Place line(String piece, int line, int column) {
    return new Place(piece, "line", line, column);
  }

  Place at(int otherColumn) {
    return new Place(piece, unit, number, otherColumn);
  }

  SongbookException error(String what) {
    return new SongbookException(
        piece + ", " + unit + " " + number + ", column " + column + ": " + what);
  }
}
