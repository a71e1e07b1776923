package dev.impromptu.music.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pedals music that has no pedal marks as a pianist would who holds a harmony and lifts when it
 * changes: the pedal goes down just after a beat begins and stays down, for at most a bar, while no
 * two of the pitch classes struck meanwhile are a semitone apart. A beat that clashes in itself has
 * no pedal.
 */
public final class Pedalling {
  private static final int MOST_BEATS = 4;

  /** The dampers fall for this part of a beat before the pedal goes down again. */
  private static final int LIFT = 12;

  private static final int OCTAVE = 12;

  private Pedalling() {}

  /**
   * The pedal for the notes of {@code score} that begin at {@code fromTick} or later.
   *
   * @return movements by ascending tick, down and up in turn
   */
  public static List<Pedal> of(Score score, int fromTick) {
    int beat = score.ticksPerBeat();
    int first = fromTick / beat;
    int[] struck = struck(score, fromTick, first);
    var pedals = new ArrayList<Pedal>();
    int at = 0;
    while (at < struck.length) {
      int classes = struck[at];
      if (clashes(classes)) {
        at++;
        continue;
      }
      int until = at + 1;
      while (until < struck.length
          && until - at < MOST_BEATS
          && !clashes(classes | struck[until])) {
        classes |= struck[until++];
      }
      if (classes != 0) {
        int down = (first + at) * beat + beat / LIFT;
        pedals.add(new Pedal(Math.max(down, fromTick), true));
        pedals.add(new Pedal((first + until) * beat, false));
      }
      at = until;
    }
    return pedals;
  }

  /** A bit for each pitch class, by beats from {@code first} to the last in which a note begins. */
  private static int[] struck(Score score, int fromTick, int first) {
    int beats = Math.max(0, Math.ceilDiv(score.lastTick(), score.ticksPerBeat()) - first);
    int[] struck = new int[beats + 1];
    for (Part part : score.parts()) {
      for (Note note : part.notes()) {
        if (note.onset() >= fromTick) {
          struck[note.onset() / score.ticksPerBeat() - first] |= 1 << note.pitch() % OCTAVE;
        }
      }
    }
    int used = struck.length;
    while (used > 0 && struck[used - 1] == 0) {
      used--;
    }
    return Arrays.copyOf(struck, used);
  }

  private static boolean clashes(int classes) {
    int above = classes << 1 | classes >> OCTAVE - 1 & 1;
    return (classes & above) != 0;
  }
}
