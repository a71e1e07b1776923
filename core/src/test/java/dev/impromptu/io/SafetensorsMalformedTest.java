package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way a header can lie, and the sentence that says so. */
class SafetensorsMalformedTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("m.safetensors");
  }

  @Test
  void filesTooShortForTheirHeader() throws IOException {
    assertRefused(new byte[0], ": is 0 bytes long, too short for a safetensors file");
    assertRefused(new byte[7], ": is 7 bytes long, too short for a safetensors file");
    assertRefused(
        bytes(9, "{}", 0), ": the header claims 9 bytes, but the file has 2 after its length");
    assertRefused(
        bytes(Long.MAX_VALUE, "{}", 0),
        ": the header claims 9223372036854775807 bytes, but the file has 2 after its length");
    assertRefused(
        bytes(-1, "{}", 0),
        ": the header claims 18446744073709551615 bytes, but the file has 2 after its length");
  }

  @Test
  void headersThatAreNoJsonObject() throws IOException {
    assertRefused(bytes(0, "", 0), ": the header does not begin with '{'");
    assertRefused(header(" {}", 0), ": the header does not begin with '{'");
    assertRefused(header("[]", 0), ": the header does not begin with '{'");
    assertRefused(
        header("{\"a\"}", 0), ": header: line 1, column 5: expected ':' after a name, met '}'");
    assertRefused(
        header("{}\0", 0),
        ": header: line 1, column 3: expected nothing after the value, met U+0000");
    byte[] notUtf8 = header("{\"a\":{}}", 0);
    notUtf8[10] = (byte) 0xFF;
    assertRefused(notUtf8, ": header: byte 2 is not valid UTF-8, which JSON must be");
  }

  @Test
  void duplicateNames() throws IOException {
    String entry = entry("F32", "[1]", "[0,4]");
    assertRefused(
        header("{\"a\":" + entry + ",\"a\":" + entry + "}", 4),
        ": header: line 1, column 55: the name \"a\" occurs twice in one object");
  }

  @Test
  void metadataThatIsNoMapOfStrings() throws IOException {
    assertRefused(
        header("{\"__metadata__\":[]}", 0),
        ": header: __metadata__: expected an object, met an array");
    assertRefused(
        header("{\"__metadata__\":{\"a\":1}}", 0),
        ": header: __metadata__.a: expected a string, met 1");
  }

  @Test
  void entriesWithMissingOrMistypedParts() throws IOException {
    assertRefused(header("{\"a\":1}", 0), ": header: a: expected an object, met 1");
    assertRefused(header("{\"a\":{}}", 0), ": header: a.dtype: missing");
    assertRefused(header("{\"a.b\":{\"dtype\":\"F32\"}}", 0), ": header: [a.b].shape: missing");
    assertRefused(
        header("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 0), ": header: a.data_offsets: missing");
    assertRefused(
        one("F32", "[1.0]", "[0,4]", 4), ": header: a.shape[0]: expected a whole number, met 1.0");
    assertRefused(
        one("F32", "[1]", "[0,1e1]", 4),
        ": header: a.data_offsets[1]: expected a whole number, met 10.0");
    assertRefused(one("F32", "[1]", "[0,4,8]", 4), ": entry \"a\": expected 2 data_offsets, met 3");
    assertRefused(
        one("F32", "[18446744073709551616]", "[0,4]", 4),
        ": header: line 1, column 30: the whole number does not fit into 64 bits");
  }

  @Test
  void otherElementTypes() throws IOException {
    assertRefused(
        one("U8", "[4]", "[0,4]", 4),
        ": entry \"a\": element type U8 cannot be read; expected one of [F16, BF16, F32, F64, I32,"
            + " I64]");
    assertRefused(
        one("f32", "[1]", "[0,4]", 4),
        ": entry \"a\": element type f32 cannot be read; expected one of [F16, BF16, F32, F64, I32,"
            + " I64]");
  }

  @Test
  void offsetsThatAreNoRangeOfTheData() throws IOException {
    assertRefused(one("F32", "[1]", "[4,0]", 4), ": entry \"a\": data_offsets [4, 0] are no range");
    assertRefused(
        one("F32", "[1]", "[-4,0]", 4), ": entry \"a\": data_offsets [-4, 0] are no range");
    assertRefused(
        one("F32", "[2]", "[0,8]", 7),
        ": entry \"a\": data_offsets [0, 8] reach beyond the 7 bytes of data; the file is cut off"
            + " or its header is wrong");
    assertRefused(
        one("F32", "[2305843009213693951]", "[0,9223372036854775804]", 4),
        ": entry \"a\": data_offsets [0, 9223372036854775804] reach beyond the 4 bytes of data;"
            + " the file is cut off or its header is wrong");
  }

  @Test
  void sizesThatDoNotFitTheShape() throws IOException {
    assertRefused(
        one("F32", "[2,3]", "[0,20]", 20),
        ": entry \"a\": shape [2, 3] of F32 needs 6 x 4 bytes, but data_offsets [0, 20] hold 20");
    assertRefused(
        one("I64", "[]", "[0,4]", 4),
        ": entry \"a\": shape [] of I64 needs 1 x 8 bytes, but data_offsets [0, 4] hold 4");
    assertRefused(
        one("F32", "[1]", "[0,7]", 7),
        ": entry \"a\": shape [1] of F32 needs 1 x 4 bytes, but data_offsets [0, 7] hold 7");
  }

  @Test
  void impossibleShapes() throws IOException {
    assertRefused(
        one("F32", "[-1,-1]", "[0,4]", 4),
        ": entry \"a\": shape [-1, -1] holds the impossible dimension -1");
    assertRefused(
        one("F32", "[4294967296,0]", "[0,0]", 0),
        ": entry \"a\": shape [4294967296, 0] holds the impossible dimension 4294967296");
    assertRefused(
        one("F32", "[65536,65536]", "[0,4]", 4),
        ": entry \"a\": shape [65536, 65536] has more values than a Java array can hold");
    // 2^64 elements, which is 0 in 64 bits.
    assertRefused(
        one("F32", "[65536,65536,65536,65536]", "[0,0]", 0),
        ": entry \"a\": the size of shape [65536, 65536, 65536, 65536] overflows 64 bits");
  }

  @Test
  void dataThatBelongsToTwoArraysOrNone() throws IOException {
    assertRefused(
        two("[0,8]", "[4,12]", 12),
        ": entry \"b\": begins at byte 4 of the data, inside entry \"a\"");
    assertRefused(
        two("[0,8]", "[0,8]", 8),
        ": entry \"b\": begins at byte 0 of the data, inside entry \"a\"");
    assertRefused(
        two("[12,20]", "[0,8]", 20),
        ": entry \"a\": bytes 8 to 12 of the data before it belong to no array");
    assertRefused(
        two("[8,16]", "[16,24]", 24),
        ": entry \"a\": bytes 0 to 8 of the data before it belong to no array");
    assertRefused(two("[0,8]", "[8,16]", 17), ": 1 bytes after the last array belong to none");
    assertRefused(header("{}", 1), ": 1 bytes after the last array belong to none");
  }

  @Test
  void dataInAnotherOrderThanTheHeaderIsFine() throws IOException {
    Files.write(file, two("[8,16]", "[0,8]", 16));

    assertEquals("[a, b]", Safetensors.read(file).arrays().keySet().toString());
  }

  @Test
  void longNamesAreAbbreviated() throws IOException {
    Files.write(
        file, header("{\"" + "n".repeat(100_000) + "\":" + entry("X", "[]", "[0,4]") + "}", 4));

    IOException e = assertThrows(SafetensorsException.class, () -> Safetensors.read(file));

    assertTrue(e.getMessage().length() < 400 + file.toString().length());
  }

  @Test
  void missingFilesAndDirectoriesAreOrdinaryErrors() {
    assertThrows(NoSuchFileException.class, () -> Safetensors.read(file));
    assertThrows(IOException.class, () -> Safetensors.read(directory));
  }

  private void assertRefused(byte[] content, String problem) throws IOException {
    Files.write(file, content);
    IOException e = assertThrows(SafetensorsException.class, () -> Safetensors.read(file));
    assertEquals(file + problem, e.getMessage());
  }

  private static byte[] one(String type, String shape, String offsets, int dataBytes) {
    return header("{\"a\":" + entry(type, shape, offsets) + "}", dataBytes);
  }

  private static byte[] two(String offsetsA, String offsetsB, int dataBytes) {
    return header(
        "{\"a\":" + entry("F32", "[2]", offsetsA) + ",\"b\":" + entry("I32", "[2]", offsetsB) + "}",
        dataBytes);
  }

  private static String entry(String type, String shape, String offsets) {
    return "{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}".formatted(type, shape, offsets);
  }

  private static byte[] header(String header, int dataBytes) {
    return bytes(header.getBytes(StandardCharsets.UTF_8).length, header, dataBytes);
  }

  private static byte[] bytes(long claimed, String header, int dataBytes) {
    byte[] encoded = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + encoded.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(claimed)
        .put(encoded)
        .array();
  }
}
