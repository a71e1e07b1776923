package dev.impromptu.music.sample;

/** Has a say in which token comes next, and hears every token that is played. */
public interface Guard {
  /** Whether the token numbered {@code id} shall not come next. */
  boolean refuses(int id);

  /** Tells that the token numbered {@code id} was played. */
  void played(int id);
}
