package dev.impromptu.music.render;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import jm.music.data.Phrase;
import jm.music.tools.Mod;

/** Variations of scores by jMusic's {@code Mod}: more pieces to learn from than were written. */
public final class Variation {
  /** The lowest and the highest key of a piano. */
  private static final int LOWEST = 21;

  private static final int HIGHEST = 108;

  private Variation() {}

  /**
   * {@code score} so many semitones higher, or lower for a negative number.
   *
   * @throws IllegalArgumentException if a note would leave the keys of MIDI, 0 to 127
   */
  public static Score transposed(Score score, int semitones) {
    return new Score(
        score.title(),
        score.ticksPerBeat(),
        score.parts().stream().map(part -> transposed(part, semitones)).toList(),
        score.tempos(),
        score.pedals());
  }

  private static Part transposed(Part part, int semitones) {
    List<Note> moved = new ArrayList<>();
    // jMusic ends the JVM on pitches out of range, so they are looked at before.
    for (Note note : part.notes()) {
      if (note.pitch() + semitones < 0 || note.pitch() + semitones > 127) {
        throw new IllegalArgumentException(
            "Variation: key %d moved by %d semitones is none, expected 0 to 127"
                .formatted(note.pitch(), semitones));
      }
    }
    // As a melody one after the other: jMusic's transposition looks at pitches alone.
    var phrase = new Phrase();
    part.notes().forEach(note -> phrase.addNote(new jm.music.data.Note(note.pitch(), 1.0)));
    Mod.transpose(phrase, semitones);
    for (int i = 0; i < part.notes().size(); i++) {
      Note note = part.notes().get(i);
      moved.add(
          new Note(phrase.getNote(i).getPitch(), note.onset(), note.duration(), note.velocity()));
    }
    return new Part(part.name(), moved);
  }

  /**
   * Augmentation: the score in every key from {@code down} semitones lower to {@code up} higher
   * whose notes all lie on a piano, itself among them, from the lowest on.
   */
  public static List<Score> inAllKeys(Score score, int down, int up) {
    var range =
        score.parts().stream()
            .flatMap(part -> part.notes().stream())
            .mapToInt(Note::pitch)
            .summaryStatistics();
    return IntStream.rangeClosed(-down, up)
        .filter(
            semitones ->
                semitones == 0
                    || range.getMin() + semitones >= LOWEST
                        && range.getMax() + semitones <= HIGHEST)
        .mapToObj(semitones -> transposed(score, semitones))
        .toList();
  }
}
