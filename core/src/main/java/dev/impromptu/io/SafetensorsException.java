package dev.impromptu.io;

import java.io.IOException;

/** A file that is no valid safetensors file; the message names the file, the entry and the flaw. */
public final class SafetensorsException extends IOException {
  /**
   * Reports a flaw.
   *
   * @param message one sentence, beginning with the file
   */
  public SafetensorsException(String message) {
    super(message);
  }
}
