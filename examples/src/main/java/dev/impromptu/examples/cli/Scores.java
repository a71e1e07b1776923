package dev.impromptu.examples.cli;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Small things done to scores. */
final class Scores {
  private static final int TICKS_PER_BEAT = 480;

  private Scores() {}

  /** The number of different keys that are struck. */
  static long distinctPitches(Score score) {
    return score.parts().stream()
        .flatMap(part -> part.notes().stream())
        .mapToInt(Note::pitch)
        .distinct()
        .count();
  }

  /** The whole beat at which what follows a score may begin: the first after its last release. */
  static long nextBeat(Score score) {
    return Math.ceilDiv((long) score.lastTick(), score.ticksPerBeat());
  }

  /**
   * A score, and a second one from the first whole beat after its end. The tempos are those of the
   * first.
   *
   * @param beatsPerMinute replaces them where it is given
   * @throws IllegalArgumentException when they are too long together
   */
  static Score join(String title, Score first, Score second, OptionalDouble beatsPerMinute) {
    long shift = nextBeat(first) * TICKS_PER_BEAT;
    List<Part> parts = new ArrayList<>();
    for (Part part : first.parts()) {
      parts.add(new Part(part.name(), moved(part, first.ticksPerBeat(), 0)));
    }
    for (Part part : second.parts()) {
      List<Note> following = moved(part, second.ticksPerBeat(), shift);
      // Hands stay apart, so only what has one part can go on in it.
      if (parts.size() == 1 && second.parts().size() == 1) {
        Part only = parts.removeFirst();
        List<Note> notes = new ArrayList<>(only.notes());
        notes.addAll(following);
        parts.add(new Part(only.name(), notes));
      } else {
        parts.add(new Part("continuation", following));
      }
    }
    List<Tempo> tempos =
        beatsPerMinute.isPresent()
            ? List.of(new Tempo(0, beatsPerMinute.getAsDouble()))
            : first.tempos().stream()
                .map(
                    tempo ->
                        new Tempo(
                            tick(tempo.tick(), first.ticksPerBeat(), 0), tempo.beatsPerMinute()))
                .toList();
    return new Score(title, TICKS_PER_BEAT, parts, tempos);
  }

  private static List<Note> moved(Part part, int ticksPerBeat, long shift) {
    return part.notes().stream()
        .map(
            note -> {
              int onset = tick(note.onset(), ticksPerBeat, shift);
              int release = tick(note.release(), ticksPerBeat, shift);
              return new Note(note.pitch(), onset, release - onset, note.velocity());
            })
        .toList();
  }

  private static int tick(int tick, int ticksPerBeat, long shift) {
    long moved = Math.round((double) tick * TICKS_PER_BEAT / ticksPerBeat) + shift;
    if (moved > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "The primer lasts %d beats, which leaves no room for more; give a shorter one"
              .formatted(shift / TICKS_PER_BEAT));
    }
    return (int) moved;
  }
}
