package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The files that are read here and not made here were written by NumPy: see golden.py. */
class NpyTest {
  private static final float[] SIX = {0, 1, 2, 3, 4, 5};

  @TempDir Path directory;

  private static Stream<Arguments> kinds() {
    return Stream.of(
        Arguments.of("f4", HostArray.of(SIX, 2, 3)),
        Arguments.of("f8", HostArray.of(new double[] {0, 1, 2, 3, 4, 5}, 2, 3)),
        Arguments.of("i4", HostArray.of(new int[] {0, 1, 2, 3, 4, 5}, 2, 3)),
        Arguments.of("i8", HostArray.of(new long[] {0, 1, 2, 3, 4, 5}, 2, 3)),
        Arguments.of("scalar", HostArray.of(new float[] {7})),
        Arguments.of("version2", HostArray.of(new float[] {0, 1}, 2)),
        Arguments.of("version3", HostArray.of(new float[] {0, 1}, 2)));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatNumPyWroteIsRead(String name, HostArray expected) throws IOException {
    assertEquals(expected, Npy.read(numPys(name)));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsWrittenHasTheBytesThatNumPyWrites(String name, HostArray array) throws IOException {
    Path file = directory.resolve("own.npy");
    Npy.write(file, array);
    assertEquals(array, Npy.read(file));
    if (!name.startsWith("version")) {
      assertArrayEquals(Files.readAllBytes(numPys(name)), Files.readAllBytes(file));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "fortran, fortran_order is True, numpy.ascontiguousarray",
    "big_endian, elements of '>f4' are not read, array.astype"
  })
  void otherLayoutsAreRefusedWithWhatNumPyCanDo(String name, String reason, String mend)
      throws IOException {
    Path file = numPys(name);
    String message = assertThrows(NpyException.class, () -> Npy.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": " + reason), message);
    assertTrue(message.contains(mend), message);
  }

  @Test
  void tensorsRoundTrip() throws IOException {
    Path file = directory.resolve("tensor.npy");
    Device device = Device.cpu();
    try (var _ = Scope.open()) {
      Npy.write(file, Tensor.of(device, Shape.of(3, 2), SIX));
      Tensor numbers = Npy.read(file, device);
      assertEquals(Shape.of(3, 2), numbers.shape());
      assertArrayEquals(SIX, numbers.toFloatArray());
      Npy.write(file, Tensor.ofInts(device, Shape.of(2), 8, -9));
      assertArrayEquals(new int[] {8, -9}, Npy.read(file, device).toIntArray());
      Npy.write(file, HostArray.of(new long[] {1, 1L << 31}, 2));
      var e = assertThrows(IllegalArgumentException.class, () -> Npy.read(file, device));
      assertEquals(
          "HostArray: element 1 is 2147483648, but a tensor's indices have 32 bits",
          e.getMessage());
    }
  }

  @Test
  void emptyArraysRoundTrip() throws IOException {
    Path file = directory.resolve("empty.npy");
    HostArray empty = HostArray.of(new int[0], 3, 0, 2);
    Npy.write(file, empty);
    assertEquals(empty, Npy.read(file));
  }

  private static Stream<Arguments> hostile() {
    String good = "'descr': '<f4', 'fortran_order': False, ";
    return Stream.of(
        Arguments.of("{" + good + "}", 0, "expected a header of [descr, fortran_order, shape]"),
        Arguments.of("{" + good + "'shape': (1,), 'x': True}", 4, "expected a header of"),
        Arguments.of("{" + good + "'shape': (1,)", 4, "expected a header of"),
        Arguments.of("{" + good + "'shape': (1,)} 1", 4, "expected a header of"),
        Arguments.of("{" + good + "'shape': (1,), 'descr': '<f4'}", 4, "names descr twice"),
        Arguments.of("{" + good + "'shape': 1}", 4, "expected a header of"),
        Arguments.of("{" + good + "'shape': (1)}", 4, "(1) is no shape"),
        Arguments.of("{" + good + "'shape': 'ab'}", 4, "'ab' is no shape"),
        Arguments.of("{" + good + "'shape': (-1, -1)}", 4, "(-1, -1) is no shape"),
        Arguments.of("{" + good + "'shape': (4294967297,)}", 4, "is no shape"),
        Arguments.of("{" + good + "'shape': (99999999999999999999,)}", 4, "is no shape"),
        Arguments.of(
            "{" + good + "'shape': (65536, 65536, 65536, 65536)}", 0, "more values than a Java"),
        Arguments.of("{" + good + "'shape': (2147483639,)}", 4, "needs 8589934556 bytes, but 4"),
        Arguments.of("{" + good + "'shape': (2,)}", 12, "needs 8 bytes, but 12 follow"),
        Arguments.of(
            "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", 4, "elements of ["),
        Arguments.of("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", 4, "of '|O' are"),
        Arguments.of("{'descr': True, 'fortran_order': False, 'shape': (1,)}", 4, "of True are"),
        Arguments.of("{'descr': '<f4', 'fortran_order': 'no', 'shape': (1,)}", 4, "is 'no'"),
        Arguments.of("", 0, "expected a header of"));
  }

  @ParameterizedTest
  @MethodSource
  void hostile(String header, int dataBytes, String reason) throws IOException {
    assertRefused(file(1, 0, header.length(), header, dataBytes), reason);
  }

  @Test
  void filesThatOnlyBeginLikeOneAreRefused() throws IOException {
    assertRefused(new byte[0], "is 0 bytes long, too short");
    assertRefused("PK no NumPy here".getBytes(StandardCharsets.UTF_8), "does not begin as");
    assertRefused(file(4, 0, 2, "{}", 0), "is of version 4.0, expected 1.0, 2.0 or 3.0");
    assertRefused(file(1, 1, 2, "{}", 0), "is of version 1.1");
    assertRefused(file(1, 0, 0xFFFF, "{}", 0), "the header claims 65535 bytes, but the file has 2");
    assertRefused(file(2, 0, -1, "{}", 0), "the header claims 4294967295 bytes, but the file has");
    assertRefused(Arrays.copyOf(file(2, 0, 2, "{}", 0), 11), "is 11 bytes long");
    assertThrows(NoSuchFileException.class, () -> Npy.read(directory.resolve("none.npy")));
  }

  private void assertRefused(byte[] content, String reason) throws IOException {
    Path file = Files.write(directory.resolve("hostile.npy"), content);
    String message = assertThrows(NpyException.class, () -> Npy.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    assertTrue(message.contains(reason), message);
  }

  private static byte[] file(int major, int minor, int claimed, String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    var bytes = ByteBuffer.allocate(12 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    bytes.put((byte) major).put((byte) minor);
    if (major == 1) {
      bytes.putShort((short) claimed);
    } else {
      bytes.putInt(claimed);
    }
    bytes.put(text);
    return Arrays.copyOf(bytes.array(), bytes.position() + dataBytes);
  }

  private Path numPys(String name) throws IOException {
    Path file = directory.resolve(name + ".npy");
    try (InputStream in = NpyTest.class.getResourceAsStream(name + ".npy")) {
      Files.write(file, Objects.requireNonNull(in).readAllBytes());
    }
    return file;
  }
}
