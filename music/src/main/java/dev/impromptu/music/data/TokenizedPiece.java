package dev.impromptu.music.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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

  /**
   * The SHA-256 of its words joined by line feeds, in lower-case hexadecimal: the same music has
   * the same fingerprint under any title.
   */
  public String fingerprint() {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      byte[] words = String.join("\n", tokens).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(digest.digest(words));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
