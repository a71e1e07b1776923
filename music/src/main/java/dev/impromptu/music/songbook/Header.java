package dev.impromptu.music.songbook;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The lines above the first bars.
 *
 * @param composer who wrote it
 * @param work title and catalogue number
 * @param firstBar number of the first bar, 0 exactly when there is a pickup
 * @param lastBar number of the last bar
 * @param barTicks length of a full bar
 * @param pickupTicks length of bar 0, or 0 without a pickup
 * @param beatsPerMinute quarter notes a minute
 */
record Header(
    String composer,
    String work,
    int firstBar,
    int lastBar,
    int barTicks,
    int pickupTicks,
    double beatsPerMinute) {

  private static final Map<String, String> EXAMPLES = new LinkedHashMap<>();
  private static final Pattern BARS = Pattern.compile("(\\d{1,3})-(\\d{1,3})");
  private static final Pattern TEMPO = Pattern.compile("(\\S+) = (\\d{1,3}(?:\\.\\d+)?)");

  static {
    EXAMPLES.put("composer", "Franz Schubert");
    EXAMPLES.put("work", "Moment musical in F minor, D 780 No. 3");
    EXAMPLES.put("bars", "1-54");
    EXAMPLES.put("time", "2/4");
    EXAMPLES.put("tempo", "1/4 = 92");
    EXAMPLES.put("pickup", "1/8");
  }

  String bars() {
    return firstBar + "-" + lastBar;
  }

  int ticks(int bar) {
    return bar == 0 ? pickupTicks : barTicks;
  }

  /** Collects header lines until the music begins. */
  static final class Reader {
    private final String piece;
    private final Map<String, String> values = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new LinkedHashMap<>();

    Reader(String piece) {
      this.piece = piece;
    }

    void accept(int line, String text) {
      int colon = text.indexOf(':');
      String key = (colon < 0 ? text : text.substring(0, colon)).strip();
      var place = Place.line(piece, line, 1);
      if (colon < 0 || !EXAMPLES.containsKey(key)) {
        throw place.error(
            "unknown header '"
                + key
                + "'; expected one of "
                + String.join(", ", EXAMPLES.keySet())
                + ", each followed by a colon, or @ and a bar number to begin the music");
      }
      if (values.putIfAbsent(key, text.substring(colon + 1).strip()) != null) {
        throw place.error("header '" + key + "' stands here a second time; keep one of the two");
      }
      lines.put(key, line);
    }

    Header finish(int line) {
      for (String key : EXAMPLES.keySet()) {
        if (!key.equals("pickup") && values.getOrDefault(key, "").isEmpty()) {
          throw Place.line(piece, line, 1)
              .error(
                  "header '"
                      + key
                      + "' is missing before the music; add a line such as '"
                      + key
                      + ": "
                      + EXAMPLES.get(key)
                      + "'");
        }
      }
      int pickup = values.containsKey("pickup") ? fraction("pickup") : 0;
      int first = bar(1);
      if ((first == 0) != (pickup > 0)) {
        throw bad("bars", "a piece begins with bar 0 exactly when it has a 'pickup' header");
      }
      if (bar(2) < first) {
        throw bad("bars", "the last bar comes before the first");
      }
      return new Header(
          value("composer"), value("work"), first, bar(2), fraction("time"), pickup, tempo());
    }

    private int bar(int group) {
      var match = BARS.matcher(value("bars"));
      if (!match.matches()) {
        throw bad("bars", "expected first and last bar");
      }
      return Integer.parseInt(match.group(group));
    }

    private int fraction(String key) {
      int ticks = Length.fraction(value(key));
      if (ticks < 0) {
        throw bad(key, "expected a fraction of a whole note");
      }
      return ticks;
    }

    private double tempo() {
      var match = TEMPO.matcher(value("tempo"));
      int unit = match.matches() ? Length.fraction(match.group(1)) : -1;
      if (unit < 0 || Double.parseDouble(match.group(2)) <= 0) {
        throw bad("tempo", "expected a note length and how many of it a minute");
      }
      return Double.parseDouble(match.group(2)) * unit / Length.TICKS_PER_BEAT;
    }

    private String value(String key) {
      return values.getOrDefault(key, "");
    }

    private SongbookException bad(String key, String expected) {
      return Place.line(piece, lines.getOrDefault(key, 1), 1)
          .error(
              "header '"
                  + key
                  + ": "
                  + value(key)
                  + "': "
                  + expected
                  + ", such as '"
                  + key
                  + ": "
                  + EXAMPLES.get(key)
                  + "'");
    }
  }
}
