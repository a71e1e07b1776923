package dev.impromptu.music.songbook;

import java.util.regex.Pattern;

/** Written lengths: fractions of a whole note, counted in ticks of 480 to the quarter. */
final class Length {
  static final int TICKS_PER_BEAT = 480;
  static final int WHOLE = 4 * TICKS_PER_BEAT;

  private static final Pattern FRACTION = Pattern.compile("([1-9]\\d{0,2})/(1|2|4|8|16|32|64)");
  private static final Pattern VALUE = Pattern.compile("(1|2|4|8|16|32|64)(\\.{0,2})");

  private Length() {}

  /** Ticks of a fraction such as {@code 3/8}, or -1 when it is none. */
  static int fraction(String text) {
    var match = FRACTION.matcher(text);
    return match.matches()
        ? Integer.parseInt(match.group(1)) * (WHOLE / Integer.parseInt(match.group(2)))
        : -1;
  }

  /** Ticks of a note value such as {@code 4}, {@code 8.} or {@code 2..}, or -1 when it is none. */
  static int value(String text) {
    var match = VALUE.matcher(text);
    if (!match.matches()) {
      return -1;
    }
    int plain = WHOLE / Integer.parseInt(match.group(1));
    int dots = match.group(2).length();
    return plain % (1 << dots) == 0 ? 2 * plain - (plain >> dots) : -1;
  }

  /** The fraction of a whole note in lowest terms: 720 ticks are {@code 3/8}. */
  static String text(int ticks) {
    int divisor = gcd(Math.max(ticks, 1), WHOLE);
    return ticks / divisor + "/" + WHOLE / divisor;
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
