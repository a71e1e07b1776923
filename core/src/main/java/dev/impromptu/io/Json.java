package dev.impromptu.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads and writes JSON as RFC 8259 defines it and no laxer: no comments, no trailing commas, no
 * NaN. Beyond the standard it refuses what could only be a mistake or an attack: a name that occurs
 * twice in an object, whole numbers of more than 64 bits, decimals beyond {@code double}, lone
 * surrogates, and nesting deeper than {@link #MAX_DEPTH}.
 *
 * <pre>{@code
 * JsonObject model = Json.read(directory.resolve("model.json"));
 * int batch = model.object("settings").integer("batch");
 * }</pre>
 */
public final class Json {
  /** How many objects and arrays may stand inside one another. */
  public static final int MAX_DEPTH = 64;

  private Json() {}

  /**
   * Reads a text that is an object.
   *
   * @param source what errors call it, for a file its name
   * @param text one JSON object and white space
   * @return the object
   * @throws JsonException if it is malformed, naming line and column (both from 1), or no object
   */
  public static JsonObject parseObject(String source, String text) {
    return new JsonPlace(JsonPath.root(source), new JsonParser(source, text).document()).object();
  }

  /**
   * Reads a text that is a value of any kind.
   *
   * @param source what errors call it, for a file its name
   * @param text one JSON value and white space
   * @return the value
   * @throws JsonException if it is malformed, naming line and column (both from 1)
   */
  public static JsonValue parse(String source, String text) {
    return new JsonPlace(JsonPath.root(source), new JsonParser(source, text).document()).located();
  }

  /**
   * Reads a file that holds an object, in UTF-8. Errors call it by its path as given.
   *
   * @param file to read
   * @return the object
   * @throws IOException if it cannot be read
   * @throws JsonException if it is not UTF-8, malformed or no object
   */
  public static JsonObject read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    return parseObject(file.toString(), decode(file.toString(), ByteBuffer.wrap(bytes)));
  }

  /**
   * Writes a file, laid out as {@link #pretty} does. At any moment the file is the old one or the
   * new one: see {@link AtomicFiles}.
   *
   * @param file to write or replace
   * @param value what it is to hold
   * @throws IOException if it cannot be written
   * @throws IllegalArgumentException if the value is nested deeper than {@link #MAX_DEPTH}
   */
  public static void write(Path file, JsonValue value) throws IOException {
    byte[] bytes = pretty(value).getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(file, out -> out.write(bytes));
  }

  /**
   * {@return the value on many lines, indented by two spaces, ending in a newline; arrays of
   * scalars stay on one line while they are short} Equal values with the same order of names give
   * the same text.
   *
   * @param value to write
   * @throws IllegalArgumentException if it is nested deeper than {@link #MAX_DEPTH}
   */
  public static String pretty(JsonValue value) {
    return JsonWriter.pretty(value);
  }

  /**
   * {@return the value on one line without white space}
   *
   * @param value to write
   * @throws IllegalArgumentException if it is nested deeper than {@link #MAX_DEPTH}
   */
  public static String compact(JsonValue value) {
    return JsonWriter.compact(value);
  }

  /** Strict UTF-8: {@link String} would put U+FFFD in place of what it cannot read. */
  static String decode(String source, ByteBuffer bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new JsonException(
          source + ": byte " + bytes.position() + " is not valid UTF-8, which JSON must be");
    }
  }

  static void requireUnicode(String text) {
    int lone = loneSurrogate(text);
    if (lone >= 0) {
      throw new IllegalArgumentException(
          "JSON text must be Unicode, but character %d is the lone surrogate U+%04X"
              .formatted(lone, (int) text.charAt(lone)));
    }
  }

  /** The index of the first half of a surrogate pair that lacks its other half, or -1. */
  static int loneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }

  /** At most so many characters of a text that came from outside, for a message. */
  static String abbreviated(String text, int length) {
    if (text.length() <= length) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
    return text.substring(0, end) + "…";
  }
}
