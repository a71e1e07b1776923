package dev.impromptu.music.midi;

import java.io.IOException;
import java.io.Serial;

/**
 * Thrown for a file or folder that no MIDI can be read from; its message is one sentence that says
 * what was met and what was expected.
 */
public final class MidiException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /** Makes one with that sentence. */
  public MidiException(String message) {
    super(message);
  }
}
