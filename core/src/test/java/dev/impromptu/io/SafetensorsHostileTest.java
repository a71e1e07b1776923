package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files made to mislead a reader: each is refused with its reason, from a path and as a stream. */
class SafetensorsHostileTest {
  @TempDir Path directory;

  /** A header, the bytes of data behind it, and what the refusal must say. */
  private enum Hostile {
    EMPTY_HEADER("", 0, "does not begin with '{'"),
    ARRAY_HEADER("[{}]", 0, "does not begin with '{'"),
    DATA_BEHIND_THE_OBJECT("{}{}", 0, "expected nothing after the value"),
    DEEP_NESTING("{\"a\":" + "[".repeat(50_000) + "}", 0, "line 1"),
    DUPLICATE(
        "{\"a\":" + entry("F32", "[1]", "[0,4]") + ",\"a\":" + entry("F32", "[1]", "[0,4]") + "}",
        4,
        "the name \"a\" occurs twice"),
    DUPLICATE_BY_ESCAPE(
        "{\"a\":"
            + entry("F32", "[1]", "[0,4]")
            + ",\"\\u0061\":"
            + entry("F32", "[1]", "[0,4]")
            + "}",
        4,
        "the name \"a\" occurs twice"),
    DUPLICATE_OFFSETS(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"data_offsets\":[0,8]}}",
        8,
        "the name \"data_offsets\" occurs twice"),
    LONE_SURROGATE("{\"\\ud800\":" + entry("F32", "[1]", "[0,4]") + "}", 4, "line 1"),
    OVERLAP(two("[0,8]", "[4,12]"), 12, "inside entry \"a\""),
    ONE_INSIDE_THE_OTHER(two("[0,16]", "[4,12]"), 16, "needs 2 x 4 bytes"),
    HOLE_BETWEEN(two("[0,8]", "[12,20]"), 20, "bytes 8 to 12 of the data before it belong to no"),
    HOLE_IN_FRONT(two("[4,12]", "[12,20]"), 20, "bytes 0 to 4 of the data before it belong to no"),
    HOLE_BEHIND(two("[0,8]", "[8,16]"), 20, "4 bytes after the last array belong to none"),
    OFFSETS_BEYOND(one("F32", "[2]", "[0,8]"), 4, "reach beyond the 4 bytes of data"),
    OFFSETS_BACKWARDS(one("F32", "[1]", "[4,0]"), 4, "are no range"),
    OFFSETS_NEGATIVE(one("F32", "[2]", "[-4,4]"), 4, "are no range"),
    OFFSETS_OF_64_BITS(
        one("F32", "[1]", "[9223372036854775804,9223372036854775807]"), 4, "reach beyond"),
    OFFSETS_BEYOND_64_BITS(
        one("F32", "[1]", "[0,99999999999999999999]"), 4, "does not fit into 64 bits"),
    OFFSETS_THREE(one("F32", "[1]", "[0,4,4]"), 4, "expected 2 data_offsets, met 3"),
    OFFSETS_FRACTIONAL(one("F32", "[1]", "[0,4.0]"), 4, "expected a whole number"),
    SIZE_TOO_SMALL(one("F64", "[2]", "[0,8]"), 8, "needs 2 x 8 bytes"),
    SIZE_NO_WHOLE_ELEMENT(one("F16", "[1]", "[0,3]"), 3, "needs 1 x 2 bytes"),
    SHAPE_NEGATIVE(one("F32", "[-1,-1]", "[0,4]"), 4, "impossible dimension -1"),
    SHAPE_OVERFLOWS_TO_ZERO(
        one("F32", "[65536,65536,65536,65536]", "[0,0]"), 0, "overflows 64 bits"),
    SHAPE_TOO_LARGE(one("BF16", "[65536,65536]", "[0,4]"), 4, "more values than a Java array"),
    SHAPE_NO_ARRAY(one("F32", "\"1\"", "[0,4]"), 4, "expected an array"),
    TYPE_UNKNOWN(one("F7", "[1]", "[0,4]"), 4, "element type F7 cannot be read"),
    TYPE_MISSING("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "a.dtype: missing"),
    METADATA_NO_STRINGS("{\"__metadata__\":{\"a\":{}}}", 0, "expected a string");

    private final String header;
    private final int dataBytes;
    private final String reason;

    Hostile(String header, int dataBytes, String reason) {
      this.header = header;
      this.dataBytes = dataBytes;
      this.reason = reason;
    }

    private static String one(String type, String shape, String offsets) {
      return "{\"a\":" + entry(type, shape, offsets) + "}";
    }

    private static String two(String first, String second) {
      return "{\"a\":" + entry("F32", "[2]", first) + ",\"b\":" + entry("I32", "[2]", second) + "}";
    }

    private static String entry(String type, String shape, String offsets) {
      return "{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}".formatted(type, shape, offsets);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isRefusedWithItsReason(Hostile hostile) throws IOException {
    byte[] header = hostile.header.getBytes(StandardCharsets.UTF_8);
    byte[] content = file(header.length, header, hostile.dataBytes);
    Path file = Files.write(directory.resolve("hostile.safetensors"), content);

    assertRefused(() -> Safetensors.read(file), file + ": ", hostile.reason);
    assertRefused(
        () -> Safetensors.read("a stream", new ByteArrayInputStream(content)),
        "a stream: ",
        hostile.reason);
  }

  @Test
  void aHeaderThatIsNotUtf8IsRefused() throws IOException {
    byte[] header = {'{', '"', (byte) 0xC0, (byte) 0x80, '"', '}'};
    Path file = Files.write(directory.resolve("latin.safetensors"), file(6, header, 0));
    assertRefused(() -> Safetensors.read(file), file + ": ", "byte 2 is not valid UTF-8");
  }

  @Test
  void aHeaderOfMoreThanAHundredMegabytesIsRefusedUnread() throws IOException {
    Path file = directory.resolve("long.safetensors");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.write(file(100_000_001, new byte[0], 0));
      sparse.setLength(8 + 100_000_001L);
    }
    assertRefused(
        () -> Safetensors.read(file), file + ": ", "100000001 bytes, more than the 100000000");
  }

  @Test
  void aStreamThatIsShorterThanItsHeaderClaimsIsRefused() throws IOException {
    byte[] content = file(Long.MAX_VALUE, "{}".getBytes(StandardCharsets.UTF_8), 0);
    assertRefused(
        () -> Safetensors.read("a stream", new ByteArrayInputStream(content)),
        "a stream: ",
        "the header claims 9223372036854775807 bytes, but the file has 2");
  }

  /** The format promises no alignment, so a file that lacks it is none the worse. */
  @Test
  void valuesMayBeginAtAnyByte() throws IOException {
    String header =
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}";
    var out = new ByteArrayOutputStream();
    out.write(file(header.length(), header.getBytes(StandardCharsets.UTF_8), 0));
    out.write(new byte[] {0, 0x3E, 0, 0, (byte) 0x80, 0x3F});

    var arrays = Safetensors.read("a stream", new ByteArrayInputStream(out.toByteArray())).arrays();

    assertEquals(HostArray.of(new float[] {1.5f}, 1), arrays.get("h"));
    assertEquals(HostArray.of(new float[] {1}, 1), arrays.get("w"));
  }

  private interface Reading {
    Safetensors run() throws IOException;
  }

  private static void assertRefused(Reading reading, String source, String reason) {
    String message = assertThrows(SafetensorsException.class, reading::run).getMessage();
    assertTrue(message.startsWith(source), message);
    assertTrue(message.contains(reason), message);
  }

  private static byte[] file(long claimed, byte[] header, int dataBytes) {
    return ByteBuffer.allocate(8 + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(claimed)
        .put(header)
        .array();
  }
}
