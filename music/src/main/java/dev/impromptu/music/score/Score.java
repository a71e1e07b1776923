package dev.impromptu.music.score;

import java.util.List;

/**
 * A whole piece.
 *
 * @param title what to call it in messages, for a file its name
 * @param ticksPerBeat ticks in a quarter note, at least 1
 * @param parts tracks in file order
 * @param tempos by ascending tick; empty means 120 beats a minute
 * @param pedals of the damper, by ascending tick, down and up in turn
 */
public record Score(
    String title, int ticksPerBeat, List<Part> parts, List<Tempo> tempos, List<Pedal> pedals) {
  /** A score without pedal. */
  public Score(String title, int ticksPerBeat, List<Part> parts, List<Tempo> tempos) {
    this(title, ticksPerBeat, parts, tempos, List.of());
  }

  /** Copies the lists and checks the resolution. */
  public Score {
    if (ticksPerBeat < 1) {
      throw new IllegalArgumentException(
          "Score: ticksPerBeat " + ticksPerBeat + " must be at least 1");
    }
    parts = List.copyOf(parts);
    tempos = List.copyOf(tempos);
    pedals = List.copyOf(pedals);
  }

  /** The number of notes in all parts. */
  public int noteCount() {
    return parts.stream().mapToInt(part -> part.notes().size()).sum();
  }

  /** The tick of the last release; 0 for a score without notes. */
  public int lastTick() {
    return parts.stream()
        .flatMap(part -> part.notes().stream())
        .mapToInt(Note::release)
        .max()
        .orElse(0);
  }

  /** The same with these pedals. */
  public Score withPedals(List<Pedal> marks) {
    return new Score(title, ticksPerBeat, parts, tempos, marks);
  }

  /**
   * The same with everything {@code ticks} later.
   *
   * @throws IllegalArgumentException if a note would end after the last tick
   */
  public Score later(int ticks) {
    return new Score(
        title,
        ticksPerBeat,
        parts.stream().map(part -> part.later(ticks)).toList(),
        tempos.stream().map(mark -> new Tempo(mark.tick() + ticks, mark.beatsPerMinute())).toList(),
        pedals.stream().map(pedal -> new Pedal(pedal.tick() + ticks, pedal.down())).toList());
  }
}
