package dev.impromptu.music.data;

import dev.impromptu.music.token.Vocabulary;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Windows of pieces that are written down as letters, a to z. */
public final class LetterWindows {
  /** All letters, each once. */
  public static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz";

  private static final Vocabulary LETTERS =
      Vocabulary.restore(
          List.of(ALPHABET.split("")), IntStream.generate(() -> 1).limit(26).toArray());

  private LetterWindows() {}

  /** All windows with one letter to foretell. */
  public static Windows windows(int context, boolean skipNote, String... pieces) {
    List<EncodedPiece> encoded =
        Arrays.stream(pieces)
            .map(piece -> new TokenizedPiece(piece, List.of(piece.split(""))))
            .map(piece -> EncodedPiece.of(piece, LETTERS))
            .toList();
    return Windows.of(encoded, context, 1, skipNote);
  }
}
