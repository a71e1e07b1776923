package dev.impromptu.music.tools;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import jm.music.data.Phrase;
import jm.music.tools.Mod;

/**
 * Moves scores into other keys by jMusic's {@code Mod}, before they become tokens, so that any
 * tokenizer learns from it.
 */
public final class Transposition {
  private Transposition() {}

  /**
   * The same music higher or lower. Notes that would leave the keys 0 to 127 move by octaves less.
   *
   * @param semitones upwards; negative for downwards
   */
  public static Score of(Score score, int semitones) {
    List<Part> parts = score.parts().stream().map(part -> moved(part, semitones)).toList();
    return new Score(score.title(), score.ticksPerBeat(), parts, score.tempos(), score.pedals());
  }

  /** jMusic's transposition looks at pitches alone, so a melody of all notes one by one will do. */
  private static Part moved(Part part, int semitones) {
    var melody = new Phrase();
    for (Note note : part.notes()) {
      melody.addNote(new jm.music.data.Note(movable(note.pitch(), semitones), 1.0));
    }
    Mod.transpose(melody, semitones);
    jm.music.data.Note[] moved = melody.getNoteArray();
    List<Note> notes = new ArrayList<>();
    for (int i = 0; i < moved.length; i++) {
      Note note = part.notes().get(i);
      notes.add(new Note(moved[i].getPitch(), note.onset(), note.duration(), note.velocity()));
    }
    return new Part(part.name(), notes);
  }

  /** The key in the nearest octave that stays a key when moved: jMusic ends the JVM on others. */
  private static int movable(int key, int semitones) {
    int moved = key + semitones;
    int down = 12 * Math.ceilDiv(Math.max(0, moved - 127), 12);
    int up = 12 * Math.ceilDiv(Math.max(0, -moved), 12);
    return key - down + up;
  }

  /** Every key up to {@code most} semitones above and below, the score's own left out. */
  public static IntStream semitones(int most) {
    return IntStream.rangeClosed(-most, most).filter(semitones -> semitones != 0);
  }
}
