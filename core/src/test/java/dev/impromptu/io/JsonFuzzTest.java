package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.impromptu.random.PhiloxRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonFuzzTest {
  private static final String ALPHABET =
      "{}[]:,\"\\u0123456789aeE+-. \n\ttruefalsn\uD83D\uDE00\u0000";

  @Test
  void randomValuesRoundTrip() {
    PhiloxRandom random = new PhiloxRandom(1);
    for (int i = 0; i < 2_000; i++) {
      JsonValue value = value(random, 4);
      assertEquals(value, Json.parse("t", Json.pretty(value)));
      assertEquals(value, Json.parse("t", Json.compact(value)));
    }
  }

  @Test
  void everyDoubleRoundTrips() {
    PhiloxRandom random = new PhiloxRandom(2);
    for (int i = 0; i < 50_000; i++) {
      double number = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(number)) {
        JsonValue value = new JsonValue.Decimal(number);
        assertEquals(value, Json.parse("t", Json.compact(value)));
      }
    }
  }

  @Test
  void mutatedTextIsReadOrRefusedAndNothingElse() {
    PhiloxRandom random = new PhiloxRandom(3);
    for (int i = 0; i < 30_000; i++) {
      StringBuilder text = new StringBuilder(Json.pretty(value(random, 3)));
      for (int mutation = random.nextInt(1, 4); mutation > 0; mutation--) {
        mutate(text, random);
      }
      try {
        JsonValue value = Json.parse("t", text.toString());
        assertEquals(value, Json.parse("t", Json.compact(value)));
      } catch (JsonException expected) {
        // refused, as declared
      } catch (RuntimeException | StackOverflowError e) {
        fail("on " + text, e);
      }
    }
  }

  private static void mutate(StringBuilder text, PhiloxRandom random) {
    int at = random.nextInt(text.length() + 1);
    char c = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
    switch (random.nextInt(4)) {
      case 0 -> text.insert(at, c);
      case 1 -> text.delete(at, Math.min(text.length(), at + random.nextInt(1, 6)));
      case 2 -> text.replace(at, Math.min(text.length(), at + 1), String.valueOf(c));
      default -> text.setLength(at);
    }
  }

  private static JsonValue value(PhiloxRandom random, int depth) {
    return switch (random.nextInt(depth == 0 ? 5 : 7)) {
      case 0 -> new JsonValue.Whole(random.nextLong() >> random.nextInt(64));
      case 1 -> new JsonValue.Decimal(random.nextGaussian());
      case 2 -> new JsonValue.Text(text(random));
      case 3 -> new JsonValue.Bool(random.nextBoolean());
      case 4 -> JsonValue.Null.NULL;
      case 5 -> {
        List<JsonValue> elements = new ArrayList<>();
        for (int count = random.nextInt(5); count > 0; count--) {
          elements.add(value(random, depth - 1));
        }
        yield JsonArray.of(elements);
      }
      default -> {
        JsonObject.Builder members = JsonObject.builder();
        for (int count = random.nextInt(5); count > 0; count--) {
          members.put(count + text(random), value(random, depth - 1));
        }
        yield members.build();
      }
    };
  }

  private static String text(PhiloxRandom random) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(6); length > 0; length--) {
      int codePoint = random.nextInt(random.nextBoolean() ? 0x80 : Character.MAX_CODE_POINT + 1);
      if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
        text.appendCodePoint(codePoint);
      }
    }
    return text.toString();
  }
}
