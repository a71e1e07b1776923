package dev.impromptu.music.score;

/**
 * One sounding note.
 *
 * @param pitch MIDI key, 0 to 127 (60 is middle C)
 * @param onset start in ticks from the beginning of the piece
 * @param duration length in ticks, at least 0
 * @param velocity loudness, 1 to 127
 */
public record Note(int pitch, int onset, int duration, int velocity) {
  /** Checks the ranges stated above. */
  public Note {
    if (pitch < 0 || pitch > 127) {
      throw new IllegalArgumentException("Note: pitch " + pitch + " is outside 0 to 127");
    }
    if (onset < 0 || duration < 0) {
      throw new IllegalArgumentException(
          "Note: onset " + onset + " and duration " + duration + " must not be negative");
    }
    if (onset > Integer.MAX_VALUE - duration) {
      throw new IllegalArgumentException(
          "Note: onset " + onset + " and duration " + duration + " end after the last tick");
    }
    if (velocity < 1 || velocity > 127) {
      throw new IllegalArgumentException("Note: velocity " + velocity + " is outside 1 to 127");
    }
  }

  /** The tick at which the note ends. */
  public int release() {
    return onset + duration;
  }
}
