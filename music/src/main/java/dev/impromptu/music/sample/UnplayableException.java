package dev.impromptu.music.sample;

import java.io.Serial;

/** Thrown where no note may ever be struck again, so that a composition cannot go on. */
public final class UnplayableException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  UnplayableException() {
    super("every note is refused for good, or no token is a note, so the piece cannot go on");
  }
}
