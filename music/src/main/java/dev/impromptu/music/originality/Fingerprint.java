package dev.impromptu.music.originality;

import dev.impromptu.io.JsonObject;
import dev.impromptu.music.token.NormalOrder;
import dev.impromptu.music.token.Reading;
import java.util.Arrays;

/**
 * The pitch classes of a piece in the order they are struck, without octaves, rhythm or loudness:
 * enough to find what was copied from it, also transposed or in another octave.
 *
 * <p>Keys struck at once follow each other as their tokens have them: ascending, or for a token
 * that is a chord in its normal order.
 *
 * @param title what the piece is called
 * @param classes one character a note, {@code 0} for C to {@code B} for the B above it
 */
public record Fingerprint(String title, String classes) {
  private static final int OCTAVE = 12;

  /** Checks the characters. */
  public Fingerprint {
    if (!classes.matches("[0-9AB]*")) {
      throw new IllegalArgumentException(
          "Fingerprint: \"" + title + "\" holds a character that is none of 0 to 9, A and B");
    }
  }

  /**
   * The fingerprint of a piece.
   *
   * @param reading at the beginning of the piece
   * @param ids its tokens
   */
  public static Fingerprint of(String title, Reading reading, int... ids) {
    var classes = new StringBuilder();
    for (int id : ids) {
      for (int pitchClass : classes(reading, id)) {
        classes.append(Character.toUpperCase(Character.forDigit(pitchClass, OCTAVE)));
      }
    }
    return new Fingerprint(title, classes.toString());
  }

  /** The pitch classes that a token strikes, in order. */
  static int[] classes(Reading reading, int id) {
    int[] keys = reading.keys(id);
    return keys.length < 2
        ? Arrays.stream(keys).map(key -> key % OCTAVE).toArray()
        : NormalOrder.of(
            Arrays.stream(keys).map(key -> 1 << key % OCTAVE).reduce(0, (a, b) -> a | b));
  }

  /** The number of notes. */
  public int length() {
    return classes.length();
  }

  /** The pitch class of a note. */
  int pitchClass(int note) {
    return Character.digit(classes.charAt(note), OCTAVE);
  }

  /** From this note up to the next, in semitones, 0 to 11. */
  int interval(int note) {
    return Math.floorMod(pitchClass(note + 1) - pitchClass(note), OCTAVE);
  }

  /** For {@code model.json}. */
  public JsonObject toJson() {
    return JsonObject.builder().put("title", title).put("classes", classes).build();
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws dev.impromptu.io.JsonException when something is missing
   * @throws IllegalArgumentException when it is no fingerprint
   */
  public static Fingerprint of(JsonObject json) {
    return new Fingerprint(json.string("title"), json.string("classes"));
  }
}
