package dev.impromptu.music.midi;

import dev.impromptu.music.score.Note;
import dev.impromptu.music.score.Pedal;
import dev.impromptu.music.score.Tempo;
import dev.impromptu.music.score.TempoMap;
import java.util.ArrayList;
import java.util.List;

/**
 * What one track chunk held; {@code pedals} are those of all its channels, {@code endTick} is the
 * tick of its last event or release.
 */
record Track(String name, List<Note> notes, List<Tempo> tempos, List<Pedal> pedals, int endTick) {
  /** The same track {@code ticks} later. */
  Track later(int ticks) {
    return new Track(
        name,
        notes.stream()
            .map(n -> new Note(n.pitch(), n.onset() + ticks, n.duration(), n.velocity()))
            .toList(),
        tempos.stream().map(t -> new Tempo(t.tick() + ticks, t.beatsPerMinute())).toList(),
        pedals.stream().map(p -> new Pedal(p.tick() + ticks, p.down())).toList(),
        endTick + ticks);
  }

  /** The same track with a tempo at its beginning, the standard's where it says nothing there. */
  Track withTempo() {
    if (tempos.stream().anyMatch(mark -> mark.tick() == 0)) {
      return this;
    }
    var marks = new ArrayList<>(tempos);
    marks.addFirst(new Tempo(0, TempoMap.DEFAULT_BEATS_PER_MINUTE));
    return new Track(name, notes, marks, pedals, endTick);
  }

  /** How often the pedal of one of its channels was pressed. */
  int pedalCount() {
    return (int) pedals.stream().filter(Pedal::down).count();
  }
}
