package dev.impromptu.music.token;

import java.util.List;

/** Tokenizers by the names that options and files know them by. */
public final class Tokenizers {
  private Tokenizers() {}

  /**
   * The tokenizer of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Tokenizer named(String name) {
    for (Tokenizer tokenizer : List.of(new RhythmTokenizer(), new SeedTokenizer())) {
      if (name.equals(tokenizer.name())) {
        return tokenizer;
      }
    }
    throw new IllegalArgumentException(
        "tokens: there is no '%s'; known are %s and %s"
            .formatted(name, RhythmTokenizer.NAME, SeedTokenizer.NAME));
  }
}
