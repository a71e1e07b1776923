package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonParserTest {
  @Test
  void readsEveryKindOfValue() {
    JsonValue value =
        Json.parse(
            "t", " { \"a\" : [ 1 , -2.5e1 , true , false , null , \"x\" , { } , [ ] ] }\r\n\t");

    assertEquals(
        JsonObject.builder()
            .put(
                "a",
                JsonArray.of(
                    List.of(
                        new JsonValue.Whole(1),
                        new JsonValue.Decimal(-25),
                        new JsonValue.Bool(true),
                        new JsonValue.Bool(false),
                        JsonValue.Null.NULL,
                        new JsonValue.Text("x"),
                        JsonObject.builder().build(),
                        JsonArray.of(List.of()))))
            .build(),
        value);
  }

  @Test
  void readsEveryEscape() {
    assertEquals(
        new JsonValue.Text("\"\\/\b\f\n\r\té\u0000😀"),
        Json.parse("t", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9\\u0000\\uD83d\\uDe00\""));
  }

  @Test
  void keepsWholeNumbersExactly() {
    assertEquals(new JsonValue.Whole(Long.MAX_VALUE), Json.parse("t", "9223372036854775807"));
    assertEquals(new JsonValue.Whole(Long.MIN_VALUE), Json.parse("t", "-9223372036854775808"));
    assertEquals(new JsonValue.Whole(0), Json.parse("t", "0"));
  }

  @Test
  void keepsTheNegativeZeroAndTheSmallestDecimal() {
    assertEquals(new JsonValue.Decimal(-0.0), Json.parse("t", "-0"));
    assertEquals(new JsonValue.Decimal(Double.MIN_VALUE), Json.parse("t", "4.9e-324"));
    assertEquals(new JsonValue.Decimal(0), Json.parse("t", "1e-999"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "tru",
        "True",
        "nul",
        "NaN",
        "Infinity",
        "-",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x10",
        "1 2",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{",
        "}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "{1:1}",
        "{,}",
        "'a'",
        "\"",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"\\u١٢٣٤\"",
        "\"a\nb\"",
        "\"\t\"",
        "\"\\uD800\"",
        "\"\\uDC00\\uD800\"",
        "\"\uD800\"",
        "\u00a01",
        "/**/1",
        "1//",
        "\uFEFF1",
        "1e400",
        "-1e400",
        "9223372036854775808",
        "\u0000",
        "[1]]",
        "{\"a\":1}}",
        "١"
      })
  void refusesWhatIsNoJson(String text) {
    assertThrows(JsonException.class, () -> Json.parse("t", text));
  }

  @Test
  void saysWhereAndWhatItMet() {
    assertProblem("{\n  \"a\": 1,\n  \"é😀\": x\n}", "line 3, column 9: expected a value, met 'x'");
    assertProblem(
        "{\"a\":1,\n \"a\":2}", "line 2, column 2: the name \"a\" occurs twice in one object");
    assertProblem("[1", "line 1, column 3: expected ',' or ']' in an array, met the end");
    assertProblem("[1] 2", "line 1, column 5: expected nothing after the value, met '2'");
    assertProblem(
        "\"a\u0001\"",
        "line 1, column 3: a string must not hold the control character" + " U+0001; escape it");
    assertProblem("[007]", "line 1, column 2: a number must not begin with 0");
    assertProblem("[\"abc", "line 1, column 2: the string has no end");
  }

  @Test
  void stopsAtTheDepthLimit() {
    int deepest = Json.MAX_DEPTH;
    Json.parse("t", "[".repeat(deepest) + "]".repeat(deepest));

    assertProblem(
        "[".repeat(1_000_000),
        "line 1, column " + (deepest + 1) + ": nested deeper than " + deepest + " levels");
    assertThrows(JsonException.class, () -> Json.parse("t", "{\"a\":".repeat(100_000)));
  }

  private static void assertProblem(String text, String problem) {
    JsonException e = assertThrows(JsonException.class, () -> Json.parse("model.json", text));
    assertEquals("model.json: " + problem, e.getMessage());
  }
}
