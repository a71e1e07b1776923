package dev.impromptu.music.songbook;

import java.util.regex.Pattern;

/** Reads a pitch such as {@code c4} (middle C), {@code eb5}, {@code f##3} or {@code bbb2}. */
final class Pitch {
  private static final Pattern PITCH = Pattern.compile("([a-g])(##?|bb?|)(-?\\d*)");
  private static final int LOWEST_OCTAVE = 0;
  private static final int HIGHEST_OCTAVE = 8;
  private static final int[] STEPS = {9, 11, 0, 2, 4, 5, 7};

  private Pitch() {}

  static int midi(Place place, String text) {
    var match = PITCH.matcher(text);
    if (!match.matches()) {
      throw place.error(
          "unknown token '"
              + text
              + "'; expected a note such as eb5:8, a chord c4+e4:4, a rest r:4,"
              + " a grace note ^d5, a group x2( or 3:2(, a closing ), or % or . alone in its bar");
    }
    String octave = match.group(3);
    if (octave.isEmpty()) {
      throw place.error("'" + text + "' has no octave; write for example " + text + "4");
    }
    int number =
        octave.length() > 2 ? Integer.MAX_VALUE : Integer.parseInt("0" + octave.replace("-", ""));
    if (octave.startsWith("-") || number < LOWEST_OCTAVE || number > HIGHEST_OCTAVE) {
      throw place.error(
          "octave "
              + octave
              + " of '"
              + text
              + "' is outside "
              + LOWEST_OCTAVE
              + " to "
              + HIGHEST_OCTAVE
              + "; c4 is middle C");
    }
    String accidental = match.group(2);
    int shift = accidental.startsWith("b") ? -accidental.length() : accidental.length();
    return 12 * (number + 1) + STEPS[match.group(1).charAt(0) - 'a'] + shift;
  }
}
