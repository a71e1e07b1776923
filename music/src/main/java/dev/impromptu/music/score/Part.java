package dev.impromptu.music.score;

import java.util.List;

/**
 * One track or hand.
 *
 * @param name what the file calls it; empty when it has no name
 * @param notes in the order of their note-on events in the file
 */
public record Part(String name, List<Note> notes) {
  /** Copies the list. */
  public Part {
    notes = List.copyOf(notes);
  }

  /** The same with every note {@code ticks} later. */
  Part later(int ticks) {
    return new Part(
        name,
        notes.stream()
            .map(n -> new Note(n.pitch(), n.onset() + ticks, n.duration(), n.velocity()))
            .toList());
  }
}
