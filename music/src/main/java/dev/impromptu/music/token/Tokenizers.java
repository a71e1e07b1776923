package dev.impromptu.music.token;

/** Tokenizers by the names that options and files know them by. */
public final class Tokenizers {
  private Tokenizers() {}

  /**
   * The tokenizer of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Tokenizer named(String name) {
    Tokenizer seed = new SeedTokenizer();
    if (name.equals(seed.name())) {
      return seed;
    }
    throw new IllegalArgumentException(
        "tokens: there is no '%s'; known is %s".formatted(name, seed.name()));
  }
}
