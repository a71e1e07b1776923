package dev.impromptu.music.token;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words of {@link RhythmTokenizer}, each with its text. */
sealed interface RhythmToken {
  /** The word as it stands in a vocabulary. */
  String text();

  /** {@code t96}: the mean tempo of the piece, in beats a minute. */
  record Tempo(int beatsPerMinute) implements RhythmToken {
    static final int SLOWEST = 20;
    static final int FASTEST = 240;

    @Override
    public String text() {
      return "t" + beatsPerMinute;
    }
  }

  /** {@code |}: the next beat begins. */
  record Beat() implements RhythmToken {
    @Override
    public String text() {
      return "|";
    }
  }

  /** {@code p12}: so many 24ths of the beat are over. */
  record Position(int units) implements RhythmToken {
    @Override
    public String text() {
      return "p" + units;
    }
  }

  /** {@code v4}: notes from here on are so loud, in steps of 16. */
  record Loudness(int step) implements RhythmToken {
    static final int WIDTH = 16;
    static final int STEPS = 128 / WIDTH;

    static Loudness of(int velocity) {
      return new Loudness(velocity / WIDTH);
    }

    /** The middle of the step, which no velocity of it is further from than 8. */
    int velocity() {
      return step * WIDTH + WIDTH / 2;
    }

    @Override
    public String text() {
      return "v" + step;
    }
  }

  /** {@code h}: the length that follows is four beats longer. */
  record Hold() implements RhythmToken {
    @Override
    public String text() {
      return "h";
    }
  }

  /** {@code d12}: notes from here on are so many 24ths of a beat long. */
  record Length(int units) implements RhythmToken {
    @Override
    public String text() {
      return "d" + units;
    }
  }

  /** {@code n60}: this key is struck. */
  record Strike(int key) implements RhythmToken {
    @Override
    public String text() {
      return "n" + key;
    }
  }

  /** A letter and its number. */
  Pattern NUMBERED = Pattern.compile("([tpvdn])([0-9]{1,3})");

  /**
   * The word with this text.
   *
   * @throws IllegalArgumentException if there is none
   */
  static RhythmToken of(String text) {
    Matcher matcher = NUMBERED.matcher(text);
    Optional<RhythmToken> token =
        switch (text) {
          case "|" -> Optional.of(new Beat());
          case "h" -> Optional.of(new Hold());
          default ->
              matcher.matches()
                  ? numbered(matcher.group(1), Integer.parseInt(matcher.group(2)))
                  : Optional.empty();
        };
    return token
        .filter(found -> found.text().equals(text))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "RhythmTokenizer: \""
                        + text
                        + "\" is no rhythm token, expected a beat |, a position such as p12, a"
                        + " loudness such as v4, a length such as d12 or h, or a key such as n60"));
  }

  private static Optional<RhythmToken> numbered(String letter, int number) {
    return switch (letter) {
      case "t" ->
          number >= Tempo.SLOWEST && number <= Tempo.FASTEST
              ? Optional.of(new Tempo(number))
              : Optional.empty();
      case "p" ->
          RhythmGrid.isPosition(number) ? Optional.of(new Position(number)) : Optional.empty();
      case "v" -> number < Loudness.STEPS ? Optional.of(new Loudness(number)) : Optional.empty();
      case "d" -> RhythmGrid.isLength(number) ? Optional.of(new Length(number)) : Optional.empty();
      default -> number <= 127 ? Optional.of(new Strike(number)) : Optional.empty();
    };
  }
}
