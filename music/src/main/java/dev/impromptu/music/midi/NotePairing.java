package dev.impromptu.music.midi;

import dev.impromptu.music.score.Note;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pairs each note-on with the first later unused note-off of its channel and key. Seen from the
 * note-off that is the oldest note still open, so one pass suffices.
 */
final class NotePairing {
  private record Start(int pitch, int onset, int velocity) {}

  private static final int OPEN = -1;

  private final List<Start> starts = new ArrayList<>();
  private int[] ends = new int[64];

  @SuppressWarnings({"unchecked", "rawtypes"})
  private final @Nullable ArrayDeque<Integer>[] open = new ArrayDeque[16 * 128];

  void on(int channel, int pitch, int velocity, int tick) {
    if (starts.size() == ends.length) {
      ends = Arrays.copyOf(ends, 2 * ends.length);
    }
    ends[starts.size()] = OPEN;
    int key = channel * 128 + pitch;
    ArrayDeque<Integer> queue = open[key];
    if (queue == null) {
      queue = new ArrayDeque<>();
      open[key] = queue;
    }
    queue.addLast(starts.size());
    starts.add(new Start(pitch, tick, velocity));
  }

  void off(int channel, int pitch, int tick) {
    ArrayDeque<Integer> queue = open[channel * 128 + pitch];
    if (queue != null && !queue.isEmpty()) {
      ends[queue.removeFirst()] = tick;
    }
  }

  /** Ends the notes still open, at the next note of their key or at {@code endTick}. */
  int close(int endTick) {
    int closed = 0;
    for (ArrayDeque<Integer> queue : open) {
      if (queue == null) {
        continue;
      }
      int until = endTick;
      while (!queue.isEmpty()) {
        int note = queue.removeLast();
        ends[note] = until;
        until = starts.get(note).onset();
        closed++;
      }
    }
    return closed;
  }

  /** All notes in the order of their note-ons. */
  List<Note> notes() {
    var notes = new ArrayList<Note>(starts.size());
    for (int i = 0; i < starts.size(); i++) {
      Start start = starts.get(i);
      notes.add(new Note(start.pitch(), start.onset(), ends[i] - start.onset(), start.velocity()));
    }
    return List.copyOf(notes);
  }
}
