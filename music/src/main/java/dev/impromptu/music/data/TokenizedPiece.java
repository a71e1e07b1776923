package dev.impromptu.music.data;

import java.util.List;

/**
 * A piece as words, before a vocabulary is known.
 *
 * @param title what to call it, for a file its name
 * @param tokens its words in order
 */
public record TokenizedPiece(String title, List<String> tokens) {
  /** Copies the list. */
  public TokenizedPiece {
    tokens = List.copyOf(tokens);
  }
}
