package dev.impromptu.music.songbook;

import dev.impromptu.music.score.Note;
import java.util.Map;
import java.util.TreeMap;

/** Plays the events of one voice in order: joins ties and finds room for grace notes. */
final class VoicePlayer {
  /** A grace note lasts a thirty-second and takes it from the time before the note it leans on. */
  static final int GRACE_TICKS = Length.WHOLE / 32;

  private record Held(Note note, Event.Key key, Place place) {}

  private final String voice;
  private final Keyboard keyboard;
  private final Map<Integer, Held> tied = new TreeMap<>();
  private int now;

  VoicePlayer(String voice, Keyboard keyboard) {
    this.voice = voice;
    this.keyboard = keyboard;
  }

  void play(Iterable<Event> events, int velocity) {
    for (var event : events) {
      graces(event, velocity);
      var before = new TreeMap<>(tied);
      tied.clear();
      before.forEach(
          (midi, held) -> {
            if (event.keys().stream().noneMatch(key -> key.midi() == midi)) {
              throw tieToNothing(held, describe(event));
            }
          });
      for (var key : event.keys()) {
        var held = before.get(key.midi());
        var note =
            held == null
                ? new Note(key.midi(), now, event.length(), velocity)
                : new Note(
                    key.midi(),
                    held.note().onset(),
                    held.note().duration() + event.length(),
                    held.note().velocity());
        if (key.tied()) {
          tied.put(key.midi(), new Held(note, key, held == null ? event.place() : held.place()));
        } else {
          keyboard.press(note);
        }
      }
      now += event.length();
    }
  }

  void finish() {
    tied.values()
        .forEach(
            held -> {
              throw tieToNothing(held, "the end of the piece");
            });
  }

  private void graces(Event event, int velocity) {
    int onset = now - GRACE_TICKS * event.graces().size();
    if (onset < 0) {
      throw event
          .place()
          .error(
              "there is no time for a grace note before the first note of the piece; write it in full size");
    }
    for (var chord : event.graces()) {
      for (int midi : chord) {
        keyboard.press(new Note(midi, onset, GRACE_TICKS, velocity));
      }
      onset += GRACE_TICKS;
    }
  }

  private SongbookException tieToNothing(Held held, String next) {
    return held.place()
        .error(
            "tie to nothing: "
                + voice
                + " ties '"
                + held.key().text()
                + "', but what follows is "
                + next
                + "; repeat the note there or take the ~ away");
  }

  private static String describe(Event event) {
    if (event.keys().isEmpty()) {
      return "a rest";
    }
    return "'" + String.join("+", event.keys().stream().map(Event.Key::text).toList()) + "'";
  }
}
