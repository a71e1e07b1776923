package dev.impromptu.io;

import java.util.Map;

/** Lays JSON out, the same way every time. */
final class JsonWriter {
  /** Up to this many characters an array of scalars stays on one line. */
  private static final int LINE = 80;

  private final StringBuilder out = new StringBuilder();
  private final boolean pretty;

  private JsonWriter(boolean pretty) {
    this.pretty = pretty;
  }

  static String pretty(JsonValue value) {
    JsonWriter writer = new JsonWriter(true);
    writer.value(value, 0);
    return writer.out.append('\n').toString();
  }

  static String compact(JsonValue value) {
    JsonWriter writer = new JsonWriter(false);
    writer.value(value, 0);
    return writer.out.toString();
  }

  private void value(JsonValue value, int depth) {
    if (depth == Json.MAX_DEPTH && !(value instanceof JsonValue.Scalar)) {
      throw new IllegalArgumentException(
          "JSON is nested deeper than " + Json.MAX_DEPTH + " levels; flatten it");
    }
    switch (value) {
      case JsonObject object -> object(object, depth);
      case JsonArray array -> array(array, depth);
      case JsonValue.Text(String text) -> string(text);
      case JsonValue.Whole(long number) -> out.append(number);
      case JsonValue.Decimal(double number) -> out.append(number);
      case JsonValue.Bool(boolean flag) -> out.append(flag);
      case JsonValue.Null nothing -> out.append("null");
    }
  }

  private void object(JsonObject object, int depth) {
    out.append('{');
    String separator = "";
    for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
      out.append(separator);
      newline(depth + 1);
      string(member.getKey());
      out.append(pretty ? ": " : ":");
      value(member.getValue(), depth + 1);
      separator = ",";
    }
    if (!object.members().isEmpty()) {
      newline(depth);
    }
    out.append('}');
  }

  private void array(JsonArray array, int depth) {
    boolean scalars = array.elements().stream().allMatch(JsonValue.Scalar.class::isInstance);
    if (!pretty || scalars) {
      int start = out.length();
      out.append('[');
      String separator = "";
      for (JsonValue element : array.elements()) {
        out.append(separator);
        value(element, depth + 1);
        separator = pretty ? ", " : ",";
      }
      out.append(']');
      if (!pretty || out.length() - start <= LINE) {
        return;
      }
      out.setLength(start);
    }
    out.append('[');
    String separator = "";
    for (JsonValue element : array.elements()) {
      out.append(separator);
      newline(depth + 1);
      value(element, depth + 1);
      separator = ",";
    }
    newline(depth);
    out.append(']');
  }

  private void newline(int depth) {
    if (pretty) {
      out.append('\n').repeat("  ", depth);
    }
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
