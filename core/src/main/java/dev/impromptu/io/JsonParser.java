package dev.impromptu.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one text by recursive descent. */
final class JsonParser {
  private static final JsonPath NOWHERE = JsonPath.root("");
  private static final int LONGEST_NAME = 60;

  private final String source;
  private final String text;
  private int at;

  JsonParser(String source, String text) {
    this.source = source;
    this.text = text;
  }

  /** The one value of the text; it and its parts know nothing of their place. */
  JsonValue document() {
    if (text.startsWith("\uFEFF")) {
      throw error(0, "JSON must not begin with a byte order mark; remove it");
    }
    JsonValue value = value(0);
    skipSpace();
    if (at < text.length()) {
      throw expected("nothing after the value");
    }
    return value;
  }

  private JsonValue value(int depth) {
    skipSpace();
    if (at == text.length()) {
      throw expected("a value");
    }
    char c = text.charAt(at);
    if ((c == '{' || c == '[') && depth == Json.MAX_DEPTH) {
      throw error(at, "nested deeper than " + Json.MAX_DEPTH + " levels");
    }
    return switch (c) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> new JsonValue.Text(string());
      case 't' -> word("true", new JsonValue.Bool(true));
      case 'f' -> word("false", new JsonValue.Bool(false));
      case 'n' -> word("null", JsonValue.Null.NULL);
      default -> {
        if (c == '-' || isDigit(c)) {
          yield number();
        }
        throw expected("a value");
      }
    };
  }

  private JsonObject object(int depth) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    at++;
    skipSpace();
    if (take('}')) {
      return new JsonObject(members, NOWHERE);
    }
    while (true) {
      skipSpace();
      if (at == text.length() || text.charAt(at) != '"') {
        throw expected("a name in double quotes");
      }
      int start = at;
      String name = string();
      if (members.containsKey(name)) {
        throw error(
            start,
            "the name %s occurs twice in one object"
                .formatted(new JsonValue.Text(Json.abbreviated(name, LONGEST_NAME))));
      }
      skipSpace();
      if (!take(':')) {
        throw expected("':' after a name");
      }
      members.put(name, value(depth + 1));
      skipSpace();
      if (take('}')) {
        return new JsonObject(members, NOWHERE);
      }
      if (!take(',')) {
        throw expected("',' or '}' in an object");
      }
    }
  }

  private JsonArray array(int depth) {
    List<JsonValue> elements = new ArrayList<>();
    at++;
    skipSpace();
    if (take(']')) {
      return new JsonArray(List.of(), NOWHERE);
    }
    while (true) {
      elements.add(value(depth + 1));
      skipSpace();
      if (take(']')) {
        return new JsonArray(List.copyOf(elements), NOWHERE);
      }
      if (!take(',')) {
        throw expected("',' or ']' in an array");
      }
    }
  }

  private JsonValue word(String word, JsonValue value) {
    if (!text.startsWith(word, at)) {
      throw expected("a value");
    }
    at += word.length();
    return value;
  }

  private JsonValue number() {
    int start = at;
    take('-');
    if (take('0')) {
      if (at < text.length() && isDigit(text.charAt(at))) {
        throw error(start, "a number must not begin with 0");
      }
    } else {
      digits();
    }
    boolean whole = true;
    if (take('.')) {
      whole = false;
      digits();
    }
    if (take('e') || take('E')) {
      whole = false;
      if (!take('+')) {
        take('-');
      }
      digits();
    }
    String literal = text.substring(start, at);
    // Only a double has a negative zero to keep.
    if (whole && !literal.equals("-0")) {
      try {
        return new JsonValue.Whole(Long.parseLong(literal));
      } catch (NumberFormatException e) {
        throw error(start, "the whole number does not fit into 64 bits");
      }
    }
    double value = Double.parseDouble(literal);
    if (Double.isInfinite(value)) {
      throw error(start, "the number is beyond the range of a 64-bit decimal");
    }
    return new JsonValue.Decimal(value);
  }

  private void digits() {
    int start = at;
    while (at < text.length() && isDigit(text.charAt(at))) {
      at++;
    }
    if (at == start) {
      throw expected("a digit");
    }
  }

  private String string() {
    int opening = at++;
    int run = at;
    StringBuilder unescaped = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        String string = unescaped.append(text, run, at++).toString();
        if (Json.loneSurrogate(string) >= 0) {
          throw error(opening, "the string holds half of a surrogate pair");
        }
        return string;
      }
      if (c < 0x20) {
        throw error(at, "a string must not hold the control character " + met() + "; escape it");
      }
      if (c == '\\') {
        unescaped.append(text, run, at++).append(escape());
        run = at;
      } else {
        at++;
      }
    }
    throw error(opening, "the string has no end");
  }

  private char escape() {
    if (at == text.length()) {
      throw expected("an escaped character");
    }
    char c = text.charAt(at);
    char value =
        switch (c) {
          case '"', '\\', '/' -> c;
          case 'b' -> '\b';
          case 'f' -> '\f';
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          case 'u' -> hexadecimal();
          default -> throw expected("one of \"\\/bfnrtu after a backslash");
        };
    at++;
    return value;
  }

  /** Reads the four digits after the u and stops on the last. */
  private char hexadecimal() {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      at++;
      int digit = at < text.length() ? hexDigit(text.charAt(at)) : -1;
      if (digit < 0) {
        throw expected("four hexadecimal digits after \\u");
      }
      value = value << 4 | digit;
    }
    return (char) value;
  }

  private static int hexDigit(char c) {
    // Character.digit would take the digits of every script.
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private boolean take(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void skipSpace() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private JsonException expected(String what) {
    return error(at, "expected " + what + ", met " + met());
  }

  private String met() {
    if (at == text.length()) {
      return "the end";
    }
    int c = text.codePointAt(at);
    return c > 0x20 && c < 0x7F ? "'" + (char) c + "'" : "U+%04X".formatted(c);
  }

  private JsonException error(int position, String what) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < position; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    int column = 1 + text.codePointCount(lineStart, position);
    String where = "line " + line + ", column " + column + ": " + what;
    return new JsonException(source.isEmpty() ? where : source + ": " + where);
  }
}
