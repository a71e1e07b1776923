package dev.impromptu.examples.cli;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Part;
import dev.impromptu.music.score.Pedal;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.score.Tempo;
import dev.impromptu.music.score.TempoMap;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Small things done to scores. */
final class Scores {
  private static final int TICKS_PER_BEAT = 480;

  /** Beats a minute that nobody hears and a MIDI file hardly tells apart. */
  private static final double SAME_TEMPO = 0.01;

  private Scores() {}

  /** The number of different keys that are struck. */
  static long distinctPitches(Score score) {
    return score.parts().stream()
        .flatMap(part -> part.notes().stream())
        .mapToInt(Note::pitch)
        .distinct()
        .count();
  }

  /**
   * A score, and a second one that is timed from the beginning of the first. The tempos and the
   * pedal of the first hold until the second begins; then come the mean tempo of the first, since
   * its last may be that of a ritardando, and the pedal of the second.
   *
   * @param beatsPerMinute replaces the tempos where it is given
   * @throws IllegalArgumentException when they are too long together
   */
  static Score join(String title, Score first, Score second, OptionalDouble beatsPerMinute) {
    List<Part> parts = new ArrayList<>();
    for (Part part : first.parts()) {
      parts.add(new Part(part.name(), moved(part, first.ticksPerBeat())));
    }
    for (Part part : second.parts()) {
      List<Note> following = moved(part, second.ticksPerBeat());
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
    int begin =
        second.noteCount() == 0
            ? Integer.MAX_VALUE
            : tick(firstTick(second), second.ticksPerBeat());
    List<Tempo> tempos =
        beatsPerMinute.isPresent()
            ? List.of(new Tempo(0, beatsPerMinute.getAsDouble()))
            : tempos(first, begin);
    List<Pedal> pedals = new ArrayList<>();
    for (Pedal pedal : first.pedals()) {
      int at = tick(pedal.tick(), first.ticksPerBeat());
      if (at < begin) {
        pedals.add(new Pedal(at, pedal.down()));
      }
    }
    if (!pedals.isEmpty() && pedals.getLast().down()) {
      pedals.add(new Pedal(begin, false));
    }
    for (Pedal pedal : second.pedals()) {
      pedals.add(new Pedal(tick(pedal.tick(), second.ticksPerBeat()), pedal.down()));
    }
    return new Score(title, TICKS_PER_BEAT, parts, tempos, pedals);
  }

  /** Those of a score up to {@code begin}, where its mean takes the place of its last. */
  private static List<Tempo> tempos(Score score, int begin) {
    List<Tempo> tempos = new ArrayList<>();
    double last = TempoMap.DEFAULT_BEATS_PER_MINUTE;
    for (Tempo tempo : score.tempos()) {
      int at = tick(tempo.tick(), score.ticksPerBeat());
      if (at < begin) {
        tempos.add(new Tempo(at, tempo.beatsPerMinute()));
        last = tempo.beatsPerMinute();
      }
    }
    double mean = TempoMap.meanBeatsPerMinute(score).orElse(last);
    if (begin < Integer.MAX_VALUE && Math.abs(mean - last) > SAME_TEMPO) {
      tempos.add(new Tempo(begin, mean));
    }
    return tempos;
  }

  /** The tick at which the first note of a score begins; 0 for one without notes. */
  static int firstTick(Score score) {
    return score.parts().stream()
        .flatMap(part -> part.notes().stream())
        .mapToInt(Note::onset)
        .min()
        .orElse(0);
  }

  private static List<Note> moved(Part part, int ticksPerBeat) {
    return part.notes().stream()
        .map(
            note -> {
              int onset = tick(note.onset(), ticksPerBeat);
              int release = tick(note.release(), ticksPerBeat);
              return new Note(note.pitch(), onset, release - onset, note.velocity());
            })
        .toList();
  }

  private static int tick(int tick, int ticksPerBeat) {
    long moved = Math.round((double) tick * TICKS_PER_BEAT / ticksPerBeat);
    if (moved > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "The primer lasts %d beats, which leaves no room for more; give a shorter one"
              .formatted(tick / ticksPerBeat));
    }
    return (int) moved;
  }

  /** A name may hold anything, escape sequences for the terminal included. */
  static String printable(String name) {
    return name.strip().replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
  }
}
