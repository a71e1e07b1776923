package dev.impromptu.io;

import java.io.IOException;

/** A file that is no {@code .npy} file, or of a kind that is not read; the message says which. */
public final class NpyException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * Reports a flaw.
   *
   * @param message one sentence, beginning with the file
   */
  public NpyException(String message) {
    super(message);
  }
}
