package dev.impromptu.train;

import dev.impromptu.io.JsonObject;
import dev.impromptu.io.JsonValue;

/** Numbers of any kind in JSON: as text where they are not finite, which JSON's own all are. */
final class Numbers {
  private Numbers() {}

  static JsonValue toJson(double value) {
    return Double.isFinite(value)
        ? new JsonValue.Decimal(value)
        : new JsonValue.Text(Double.toString(value));
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws dev.impromptu.io.JsonException when it is missing or something else
   */
  static double of(JsonObject json, String name) {
    if (json.value(name) instanceof JsonValue.Text(String text)) {
      return switch (text) {
        case "NaN" -> Double.NaN;
        case "Infinity" -> Double.POSITIVE_INFINITY;
        case "-Infinity" -> Double.NEGATIVE_INFINITY;
        default ->
            throw json.error(name, "expected a number, NaN, Infinity or -Infinity, met " + text);
      };
    }
    return json.number(name);
  }
}
