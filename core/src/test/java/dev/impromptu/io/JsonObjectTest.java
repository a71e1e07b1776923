package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class JsonObjectTest {
  private static final JsonObject MODEL =
      Json.parseObject(
          "model.json",
          """
          {"name": "wavenet", "seed": 9007199254740993, "rate": 1e-3, "faithful": true, "note": null,
           "settings": {"batch": "x", "odd name": 3.5, "sizes": [1, 2, "3"]},
           "parts": [{"size": 1}, {"size": 1.5}], "rows": [[1, 2], [3]], "rates": [1, 0.5]}
          """);

  @Test
  void readsMembersByKind() {
    assertEquals("wavenet", MODEL.string("name"));
    assertEquals(9007199254740993L, MODEL.longInteger("seed"));
    assertEquals(1e-3, MODEL.number("rate"));
    assertEquals(9007199254740992.0, MODEL.number("seed"));
    assertTrue(MODEL.bool("faithful"));
    assertEquals("x", MODEL.object("settings").string("batch"));
    assertEquals(1, MODEL.array("parts").objects().getFirst().integer("size"));
    assertArrayEquals(new int[] {1, 2}, MODEL.array("rows").arrays().getFirst().integers());
    assertArrayEquals(new double[] {1, 0.5}, MODEL.array("rates").numbers());
    assertEquals(JsonValue.Null.NULL, MODEL.value("note"));
    assertEquals(2, MODEL.array("rows").size());
  }

  @Test
  void keepsTheOrderOfNames() {
    assertEquals(
        List.of("name", "seed", "rate", "faithful", "note", "settings", "parts", "rows", "rates"),
        List.copyOf(MODEL.names()));
  }

  @Test
  void optionalMembersMayBeMissingOrNullButNotOfAnotherKind() {
    assertEquals(Optional.of("wavenet"), MODEL.optionalString("name"));
    assertEquals(Optional.empty(), MODEL.optionalString("note"));
    assertEquals(OptionalInt.empty(), MODEL.optionalInteger("epochs"));
    assertTrue(MODEL.optionalLongInteger("seed").isPresent());
    assertTrue(MODEL.optionalNumber("rate").isPresent());
    assertTrue(MODEL.optionalBool("faithful").isPresent());
    assertTrue(MODEL.optionalObject("settings").isPresent());
    assertTrue(MODEL.optionalArray("parts").isPresent());
    assertTrue(MODEL.has("note"));
    assertFalse(MODEL.has("epochs"));
    assertProblem(
        "name: expected true or false, met \"wavenet\"", () -> MODEL.optionalBool("name"));
  }

  @Test
  void errorsNameSourceAndPath() {
    JsonObject settings = MODEL.object("settings");
    assertProblem("settings.batch: expected a number, met \"x\"", () -> settings.number("batch"));
    assertProblem("settings.epochs: missing", () -> settings.integer("epochs"));
    assertProblem(
        "settings[odd name]: expected a whole number, met 3.5", () -> settings.integer("odd name"));
    assertProblem(
        "settings.sizes[2]: expected a whole number, met \"3\"",
        () -> settings.array("sizes").integers());
    assertProblem(
        "parts[1].size: expected a whole number, met 1.5",
        () -> MODEL.array("parts").objects().getLast().integer("size"));
    assertProblem("settings: expected a string, met an object", () -> MODEL.string("settings"));
    assertProblem("parts: expected an object, met an array", () -> MODEL.object("parts"));
    assertProblem("note: expected an array, met null", () -> MODEL.array("note"));
    assertProblem(
        "seed: expected a whole number of at most 32 bits, met 9007199254740993",
        () -> MODEL.integer("seed"));
    assertEquals(
        "model.json: settings.batch: expected 1 to 64",
        settings.error("batch", "expected 1 to 64").getMessage());
  }

  @Test
  void valuesOfAnyKindKnowTheirPlace() {
    if (MODEL.value("settings") instanceof JsonObject settings
        && MODEL.array("parts").values().getLast() instanceof JsonObject part) {
      assertProblem("settings.x: missing", () -> settings.string("x"));
      assertProblem("parts[1].x: missing", () -> part.string("x"));
    } else {
      throw new AssertionError("expected objects");
    }
  }

  @Test
  void theRootMustBeAnObject() {
    JsonException e = assertThrows(JsonException.class, () -> Json.parseObject("a.json", "[1]"));
    assertEquals("a.json: expected an object, met an array", e.getMessage());
  }

  @Test
  void longNamesAndValuesAreAbbreviatedInErrors() {
    JsonObject object = JsonObject.builder().put("n".repeat(10_000), "v".repeat(10_000)).build();
    JsonException e = assertThrows(JsonException.class, () -> object.number("n".repeat(10_000)));
    assertTrue(e.getMessage().length() < 200, e.getMessage());
  }

  @Test
  void buildersRefuseWhatCouldNotBeReadBack() {
    JsonObject.Builder builder = JsonObject.builder().put("a", 1);
    assertThrows(IllegalArgumentException.class, () -> builder.put("a", 2));
    assertThrows(IllegalArgumentException.class, () -> builder.put("b", Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> builder.put("b", "\uD800"));
    assertThrows(IllegalArgumentException.class, () -> builder.put("\uDC00", 1));
    assertThrows(
        IllegalArgumentException.class, () -> JsonArray.ofNumbers(Double.POSITIVE_INFINITY));
  }

  @Test
  void aBuiltObjectDoesNotChangeWithItsBuilder() {
    JsonObject.Builder builder = JsonObject.builder().put("a", 1);
    JsonObject built = builder.build();
    builder.put("b", 2);

    assertEquals("{\"a\":1}", built.toString());
    assertThrows(UnsupportedOperationException.class, () -> built.names().clear());
  }

  private static void assertProblem(String problem, Executable reading) {
    JsonException e = assertThrows(JsonException.class, reading);
    assertEquals("model.json: " + problem, e.getMessage());
  }
}
