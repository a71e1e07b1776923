package dev.impromptu.music.midi;

import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.TempoMap;
import java.util.List;

/**
 * What {@link MidiReader} made of a file.
 *
 * @param score the music, one part for each track, in file order
 * @param format the format it was read as: 0, 1 or 2
 * @param trackCount tracks found, which may differ from the number the header states
 * @param pedalCount presses of the damper pedal: how often controller 64 of a channel rises to 64
 *     or more and does not fall at the same tick
 * @param repairs what was odd and how it was read, one plain sentence each; empty for a clean file
 */
public record MidiFile(
    Score score, int format, int trackCount, int pedalCount, List<String> repairs) {
  /** Copies the list. */
  public MidiFile {
    repairs = List.copyOf(repairs);
  }

  /** From the beginning to the last release, in seconds. */
  public double seconds() {
    return TempoMap.seconds(score);
  }
}
