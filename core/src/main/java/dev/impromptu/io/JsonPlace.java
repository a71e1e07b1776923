package dev.impromptu.io;

/** A value and where it stands; reads it as one kind or says what it met instead. */
record JsonPlace(JsonPath path, JsonValue value) {
  private static final int LONGEST_VALUE = 40;

  /** The value, knowing its place if it has parts of which later errors may speak. */
  JsonValue located() {
    return switch (value) {
      case JsonObject object -> object.at(path);
      case JsonArray array -> array.at(path);
      case JsonValue.Scalar scalar -> scalar;
    };
  }

  String string() {
    if (value instanceof JsonValue.Text(String text)) {
      return text;
    }
    throw expected("a string");
  }

  long longInteger() {
    if (value instanceof JsonValue.Whole(long number)) {
      return number;
    }
    throw expected("a whole number");
  }

  int integer() {
    long number = longInteger();
    if (number != (int) number) {
      throw expected("a whole number of at most 32 bits");
    }
    return (int) number;
  }

  double number() {
    return switch (value) {
      case JsonValue.Whole(long number) -> number;
      case JsonValue.Decimal(double number) -> number;
      default -> throw expected("a number");
    };
  }

  boolean bool() {
    if (value instanceof JsonValue.Bool(boolean flag)) {
      return flag;
    }
    throw expected("true or false");
  }

  JsonObject object() {
    if (value instanceof JsonObject object) {
      return object.at(path);
    }
    throw expected("an object");
  }

  JsonArray array() {
    if (value instanceof JsonArray array) {
      return array.at(path);
    }
    throw expected("an array");
  }

  private JsonException expected(String kind) {
    String met =
        switch (value) {
          case JsonObject object -> "an object";
          case JsonArray array -> "an array";
          case JsonValue.Text(String text) ->
              Json.compact(new JsonValue.Text(Json.abbreviated(text, LONGEST_VALUE)));
          case JsonValue.Scalar scalar -> Json.compact(scalar);
        };
    return path.error("expected " + kind + ", met " + met);
  }
}
