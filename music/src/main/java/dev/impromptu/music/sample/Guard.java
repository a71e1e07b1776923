package dev.impromptu.music.sample;

/** Has a say in which token comes next, and hears every token that is played. */
public interface Guard {
  /** Whether the token numbered {@code id} shall not come next. */
  boolean refuses(int id);

  /**
   * Whether after the token numbered {@code id} every note would be refused; such a token is taken
   * only where all that are left are so.
   */
  default boolean endsDead(int id) {
    return false;
  }

  /** Tells that the token numbered {@code id} was played. */
  void played(int id);
}
