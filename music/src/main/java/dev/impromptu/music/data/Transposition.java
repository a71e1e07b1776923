package dev.impromptu.music.data;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Moves scores into other keys, before they become tokens, so that any tokenizer learns from it.
 */
public final class Transposition {
  private Transposition() {}

  /**
   * The same music higher or lower. Notes that would leave the keys 0 to 127 move by octaves less.
   *
   * @param semitones upwards; negative for downwards
   */
  public static Score of(Score score, int semitones) {
    List<Part> parts =
        score.parts().stream()
            .map(
                part ->
                    new Part(
                        part.name(),
                        part.notes().stream().map(note -> moved(note, semitones)).toList()))
            .toList();
    return new Score(score.title(), score.ticksPerBeat(), parts, score.tempos(), score.pedals());
  }

  private static Note moved(Note note, int semitones) {
    int pitch = note.pitch() + semitones;
    int down = 12 * Math.ceilDiv(Math.max(0, pitch - 127), 12);
    int up = 12 * Math.ceilDiv(Math.max(0, -pitch), 12);
    return new Note(pitch - down + up, note.onset(), note.duration(), note.velocity());
  }

  /** Every key up to {@code most} semitones above and below, the score's own left out. */
  static IntStream semitones(int most) {
    return IntStream.rangeClosed(-most, most).filter(semitones -> semitones != 0);
  }
}
