package dev.impromptu.io;

import java.io.IOException;

/** A checkpoint is incomplete, damaged or of another model; the message says how. */
public final class CheckpointException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * Makes one.
   *
   * @param message what was met, what was expected and how to mend it
   */
  public CheckpointException(String message) {
    super(message);
  }
}
