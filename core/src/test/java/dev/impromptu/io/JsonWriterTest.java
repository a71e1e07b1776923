package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonWriterTest {
  private static final JsonObject SAMPLE =
      JsonObject.builder()
          .put("name", "a \"b\" \\ \n\r\t\b\f\u0001 é😀/")
          .put("seed", Long.MIN_VALUE)
          .put("rate", 1e-3)
          .put("one", 1.0)
          .put("faithful", true)
          .put("nothing", JsonValue.Null.NULL)
          .put("sizes", JsonArray.ofIntegers(1, 2, 3))
          .put(
              "rows",
              JsonArray.of(List.of(JsonArray.ofNumbers(0.1, -0.0), JsonArray.ofStrings(List.of()))))
          .put("empty", JsonObject.builder().build())
          .build();

  @Test
  void laysOutPrettily() {
    assertEquals(
        """
        {
          "name": "a \\"b\\" \\\\ \\n\\r\\t\\b\\f\\u0001 é😀/",
          "seed": -9223372036854775808,
          "rate": 0.001,
          "one": 1.0,
          "faithful": true,
          "nothing": null,
          "sizes": [1, 2, 3],
          "rows": [
            [0.1, -0.0],
            []
          ],
          "empty": {}
        }
        """,
        Json.pretty(SAMPLE));
  }

  @Test
  void laysOutCompactly() {
    assertEquals(
        "{\"a\":[1,[2.0,null]],\"b\":{\"c\":\"d\"}}",
        Json.compact(Json.parse("t", " {\"a\" : [1, [2.0, null]], \"b\" : {\"c\" : \"d\"}}")));
  }

  @Test
  void breaksLongArraysIntoLines() {
    JsonArray array = JsonArray.ofIntegers(IntStream.range(0, 50).toArray());

    assertEquals(52, Json.pretty(array).lines().count());
    assertEquals(array, Json.parse("t", Json.pretty(array)));
  }

  @Test
  void whatItWritesReadsBackEqual() {
    assertEquals(SAMPLE, Json.parse("t", Json.pretty(SAMPLE)));
    assertEquals(SAMPLE, Json.parse("t", Json.compact(SAMPLE)));
  }

  @Test
  void refusesDepthsThatCouldNotBeReadBack() {
    JsonValue value = JsonArray.of(List.of());
    for (int depth = 1; depth < Json.MAX_DEPTH; depth++) {
      value = JsonArray.of(List.of(value));
    }
    assertEquals(value, Json.parse("t", Json.compact(value)));

    JsonValue deeper = JsonArray.of(List.of(value));
    assertThrows(IllegalArgumentException.class, () -> Json.compact(deeper));
  }

  @Test
  void filesRoundTrip(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("model.json");

    Json.write(file, SAMPLE);

    assertEquals(SAMPLE, Json.read(file));
    assertEquals(Json.pretty(SAMPLE), Files.readString(file));
  }

  @Test
  void filesMustBeUtf8(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("model.json");
    Files.write(file, new byte[] {'{', '"', (byte) 0xE9, '"', '}'});

    JsonException e = assertThrows(JsonException.class, () -> Json.read(file));

    assertTrue(
        e.getMessage().endsWith("model.json: byte 2 is not valid UTF-8, which JSON must be"));
  }
}
