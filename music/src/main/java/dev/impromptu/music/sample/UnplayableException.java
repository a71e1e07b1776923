package dev.impromptu.music.sample;

import java.io.Serial;

/** Thrown where every token is refused for good, so that a composition cannot go on. */
public final class UnplayableException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  UnplayableException() {
    super("every token is refused, so nothing may come next");
  }
}
