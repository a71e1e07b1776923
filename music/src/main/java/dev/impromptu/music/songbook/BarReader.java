package dev.impromptu.music.songbook;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads the bars of one line of one voice. A length stays in force along the line until another is
 * written.
 */
final class BarReader {
  private static final Pattern TOKEN = Pattern.compile("\\S+");
  private static final Pattern REPEAT = Pattern.compile("x([2-9]|1\\d)\\(");
  private static final Pattern TUPLET = Pattern.compile("([2-9]|1\\d):([1-9]|1\\d)\\(");

  private final String voice;
  private int length = -1;

  BarReader(String voice) {
    this.voice = voice;
  }

  /** What is read inside one pair of parentheses, or in the bar itself. */
  private record Group(
      Place place, int times, int numerator, int denominator, List<Event> events) {}

  /**
   * Reads one bar that must last exactly {@code ticks}; {@code start} is the place of its first
   * column.
   */
  List<Event> read(Place start, String text, int ticks) {
    var open = new ArrayList<Group>();
    open.add(new Group(start, 1, 1, 1, new ArrayList<>()));
    var graces = new ArrayList<List<Integer>>();
    var tokens = TOKEN.matcher(text);
    while (tokens.find()) {
      String token = tokens.group();
      var place = start.at(start.column() + tokens.start());
      var repeat = REPEAT.matcher(token);
      var tuplet = TUPLET.matcher(token);
      if (repeat.matches()) {
        open.add(new Group(place, Integer.parseInt(repeat.group(1)), 1, 1, new ArrayList<>()));
      } else if (tuplet.matches()) {
        int notes = Integer.parseInt(tuplet.group(1));
        int inTimeOf = Integer.parseInt(tuplet.group(2));
        open.add(new Group(place, 1, inTimeOf, notes, new ArrayList<>()));
      } else if (token.equals(")")) {
        close(open, place);
      } else if (token.startsWith("^")) {
        graces.add(graceKeys(place, token.substring(1)));
      } else {
        open.getLast().events().add(event(place, token, graces));
        graces.clear();
      }
      refuseOverrun(open, place, token, ticks);
    }
    return finish(start, text, ticks, open, graces);
  }

  private List<Event> finish(
      Place start, String text, int ticks, List<Group> open, List<List<Integer>> graces) {
    var end = start.at(start.column() + text.stripTrailing().length());
    if (open.size() > 1) {
      throw open.getLast().place().error("this group is never closed; write ) before the bar line");
    }
    if (!graces.isEmpty()) {
      throw end.error("a grace note stands last in its bar; write it before the note it leans on");
    }
    var events = open.getFirst().events();
    int sum = sum(events);
    if (sum != ticks) {
      throw end.error(
          "bar too short: "
              + voice
              + (sum == 0 ? " is empty" : " holds " + Length.text(sum))
              + ", but the bar lasts "
              + Length.text(ticks)
              + "; add "
              + Length.text(ticks - sum)
              + " of notes or rests before the bar line");
    }
    return List.copyOf(events);
  }

  private void refuseOverrun(List<Group> open, Place place, String token, int ticks) {
    int sum = 0;
    for (var group : open) {
      sum += sum(group.events()) * group.numerator() / group.denominator();
    }
    if (sum > ticks) {
      throw place.error(
          "bar too long: with '"
              + token
              + "' "
              + voice
              + " holds "
              + Length.text(sum)
              + ", but the bar lasts "
              + Length.text(ticks)
              + "; take "
              + Length.text(sum - ticks)
              + " away or move it behind the bar line");
    }
  }

  private static void close(List<Group> open, Place place) {
    if (open.size() == 1) {
      throw place.error(
          "this ) closes nothing; write x2( or 3:2( before the group, or take it away");
    }
    var group = open.removeLast();
    var outer = open.getLast().events();
    for (int i = 0; i < group.times(); i++) {
      for (var event : group.events()) {
        int scaled = event.length() * group.numerator();
        if (scaled % group.denominator() != 0) {
          throw event
              .place()
              .error(
                  Length.text(event.length())
                      + " in a tuplet "
                      + group.denominator()
                      + ":"
                      + group.numerator()
                      + " is no whole number of ticks (480 a quarter note);"
                      + " use a longer value or another tuplet");
        }
        outer.add(
            new Event(event.place(), scaled / group.denominator(), event.keys(), event.graces()));
      }
    }
  }

  private Event event(Place place, String token, List<List<Integer>> graces) {
    boolean tieAll = token.endsWith("~");
    String body = tieAll ? token.substring(0, token.length() - 1) : token;
    int colon = body.indexOf(':');
    String head = colon < 0 ? body : body.substring(0, colon);
    if (colon >= 0) {
      length = Length.value(body.substring(colon + 1));
      if (length < 0) {
        throw place
            .at(place.column() + colon + 1)
            .error(
                "unknown length '"
                    + body.substring(colon + 1)
                    + "'; expected 1, 2, 4, 8, 16, 32 or 64, with up to two dots");
      }
    }
    if (head.equals("r")) {
      if (tieAll) {
        throw place.error("a rest cannot be tied; take the ~ away");
      }
      return new Event(place, length(place, token), List.of(), List.copyOf(graces));
    }
    var keys = new ArrayList<Event.Key>();
    int column = place.column();
    for (String note : head.split("\\+", -1)) {
      boolean tied = note.endsWith("~");
      String name = tied ? note.substring(0, note.length() - 1) : note;
      keys.add(new Event.Key(Pitch.midi(place.at(column), name), name, tied || tieAll));
      column += note.length() + 1;
    }
    return new Event(place, length(place, token), List.copyOf(keys), List.copyOf(graces));
  }

  private int length(Place place, String token) {
    if (length < 0) {
      throw place.error(
          "'"
              + token
              + "' has no length and none stands before it in the line; write for example "
              + token.replace("~", "")
              + ":8");
    }
    return length;
  }

  private static List<Integer> graceKeys(Place place, String chord) {
    var keys = new ArrayList<Integer>();
    int column = place.column() + 1;
    for (String note : chord.split("\\+", -1)) {
      keys.add(Pitch.midi(place.at(column), note));
      column += note.length() + 1;
    }
    return List.copyOf(keys);
  }

  private static int sum(List<Event> events) {
    return events.stream().mapToInt(Event::length).sum();
  }
}
