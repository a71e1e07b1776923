package dev.impromptu.music.songbook;

import java.util.List;

/**
 * A note, chord or rest of one voice.
 *
 * @param place where it stands in the text
 * @param length in ticks
 * @param keys what is struck or held; empty for a rest
 * @param graces small notes before it, in order, each a list of MIDI keys
 */
record Event(Place place, int length, List<Key> keys, List<List<Integer>> graces) {
  /**
   * One key of a chord.
   *
   * @param midi MIDI key, 0 to 127
   * @param text as written
   * @param tied whether a tie leads on to the next event of the voice
   */
  record Key(int midi, String text, boolean tied) {}

  static Event rest(Place place, int length) {
    return new Event(place, length, List.of(), List.of());
  }
}
