package dev.impromptu.music.data;

import java.util.List;

/**
 * One of training, validation and test.
 *
 * @param name {@code train}, {@code validation} or {@code test}
 * @param pieces the pieces it takes its windows from: its own when split by piece, all of them when
 *     split by window
 * @param windows its windows; those of the training part also in other keys, where that was asked
 *     for
 */
public record DatasetPart(String name, List<EncodedPiece> pieces, Windows windows) {
  /** Copies the list. */
  public DatasetPart {
    pieces = List.copyOf(pieces);
  }

  /** With further windows, of pieces that are not its own. */
  DatasetPart with(Windows others) {
    return new DatasetPart(name, pieces, windows.and(others));
  }

  /** Tokens of its pieces before unknown ones were dropped. */
  public int tokens() {
    return pieces.stream().mapToInt(piece -> piece.length() + piece.dropped()).sum();
  }

  /** Tokens of its pieces that were dropped because the vocabulary does not know them. */
  public int dropped() {
    return pieces.stream().mapToInt(EncodedPiece::dropped).sum();
  }

  /** The share of its tokens that the vocabulary knows, 0 to 1; 1 when it has none. */
  public double coverage() {
    int tokens = tokens();
    return tokens == 0 ? 1 : 1 - (double) dropped() / tokens;
  }
}
