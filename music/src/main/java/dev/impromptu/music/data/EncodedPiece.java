package dev.impromptu.music.data;

import dev.impromptu.music.token.Vocabulary;
import java.util.Optional;

/** A piece as token numbers, without the tokens its vocabulary does not know. */
public final class EncodedPiece {
  private final String title;
  private final String fingerprint;
  private final Optional<String> unknownBeginning;
  private final int[] ids;
  private final int dropped;

  private EncodedPiece(
      String title, String fingerprint, Optional<String> unknownBeginning, int[] ids, int dropped) {
    this.title = title;
    this.fingerprint = fingerprint;
    this.unknownBeginning = unknownBeginning;
    this.ids = ids;
    this.dropped = dropped;
  }

  /** Encodes {@code piece} with {@code vocabulary}. */
  public static EncodedPiece of(TokenizedPiece piece, Vocabulary vocabulary) {
    int[] ids = vocabulary.encode(piece.tokens());
    Optional<String> unknown =
        piece.tokens().stream().limit(1).filter(token -> !vocabulary.contains(token)).findFirst();
    return new EncodedPiece(
        piece.title(), piece.fingerprint(), unknown, ids, piece.tokens().size() - ids.length);
  }

  /** What to call it. */
  public String title() {
    return title;
  }

  /** The {@link TokenizedPiece#fingerprint} of the whole piece, dropped tokens included. */
  public String fingerprint() {
    return fingerprint;
  }

  /** The first token of the whole piece, if it is one of those dropped. */
  public Optional<String> unknownBeginning() {
    return unknownBeginning;
  }

  /** The number of tokens kept. */
  public int length() {
    return ids.length;
  }

  /** The number of tokens dropped because the vocabulary does not know them. */
  public int dropped() {
    return dropped;
  }

  /** The token number at {@code index}. */
  public int id(int index) {
    return ids[index];
  }

  /** A copy of all token numbers. */
  public int[] ids() {
    return ids.clone();
  }

  void copy(int from, int[] to, int toOffset, int count) {
    System.arraycopy(ids, from, to, toOffset, count);
  }
}
