package dev.impromptu.music.songbook;

import dev.impromptu.music.score.Note;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;

/**
 * Gathers the notes of a hand's voices. One key sounds once at a time: where two voices meet on a
 * key the longer note stays, and a key struck anew ends the note that held it.
 */
final class Keyboard {
  private static final Comparator<Note> ORDER =
      Comparator.comparingInt(Note::onset)
          .thenComparingInt(Note::pitch)
          .thenComparing(Comparator.comparingInt(Note::duration).reversed());

  private final List<Note> pressed = new ArrayList<>();

  void press(Note note) {
    pressed.add(note);
  }

  /** By onset, then from low to high. */
  List<Note> notes() {
    pressed.sort(ORDER);
    var notes = new ArrayList<Note>();
    var lastOfKey = new HashMap<Integer, Integer>();
    for (var note : pressed) {
      Integer index = lastOfKey.get(note.pitch());
      if (index != null) {
        var held = notes.get(index);
        if (held.onset() == note.onset()) {
          continue;
        }
        if (held.release() > note.onset()) {
          notes.set(
              index,
              new Note(held.pitch(), held.onset(), note.onset() - held.onset(), held.velocity()));
        }
      }
      lastOfKey.put(note.pitch(), notes.size());
      notes.add(note);
    }
    return notes;
  }
}
