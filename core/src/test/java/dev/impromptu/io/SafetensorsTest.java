package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.random.PhiloxRandom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path directory;

  @Test
  void everyKindRoundTripsInItsOrder() throws IOException {
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    arrays.put("z", HostArray.of(new float[] {1, -0f, Float.NaN, Float.MIN_VALUE, 5, 6}, 2, 3));
    arrays.put("scalar", HostArray.of(new int[] {Integer.MIN_VALUE}));
    arrays.put("empty", HostArray.of(new float[0], 7, 0));
    arrays.put("ids \"é😀\"", HostArray.of(new long[] {Long.MAX_VALUE, -1}, 2));
    arrays.put("a", HostArray.of(new double[] {Math.PI}, 1, 1, 1));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt");
    metadata.put("a note", "line\nbreak é");
    Safetensors content = new Safetensors(arrays, metadata);
    Path file = directory.resolve("model.safetensors");

    content.write(file);
    Safetensors read = Safetensors.read(file);

    assertEquals(content, read);
    assertEquals(List.copyOf(arrays.keySet()), List.copyOf(read.arrays().keySet()));
    assertEquals(List.copyOf(metadata.keySet()), List.copyOf(read.metadata().keySet()));
  }

  @Test
  void writesTheBytesOfTheFormat() throws IOException {
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    arrays.put("w", HostArray.of(new float[] {1}, 1));
    arrays.put("n", HostArray.of(new long[] {2}, 1));
    Path file = directory.resolve("model.safetensors");

    new Safetensors(arrays, Map.of("k", "v")).write(file);

    String header =
        "{\"__metadata__\":{\"k\":\"v\"},\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
            + "\"n\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
    int padded = (header.length() + 7) / 8 * 8;
    byte[] expected =
        ByteBuffer.allocate(8 + padded + 12)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(padded)
            .put((header + " ".repeat(padded - header.length())).getBytes(StandardCharsets.UTF_8))
            .putLong(2)
            .putFloat(1)
            .array();
    assertArrayEquals(expected, Files.readAllBytes(file));
  }

  @Test
  void readsTheExampleOfTheFormatsOwnLibrary() throws IOException {
    String header = "{\"test\":{\"dtype\":\"I32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}";
    Path file = directory.resolve("example.safetensors");
    Files.write(
        file,
        ByteBuffer.allocate(8 + header.length() + 16)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length())
            .put(header.getBytes(StandardCharsets.UTF_8))
            .array());

    assertEquals(Map.of("test", HostArray.of(new int[4], 2, 2)), Safetensors.read(file).arrays());
  }

  @Test
  void anEmptyFileOfTheFormatRoundTrips() throws IOException {
    Path file = directory.resolve("empty.safetensors");

    new Safetensors(Map.of(), Map.of()).write(file);

    assertEquals(new Safetensors(Map.of(), Map.of()), Safetensors.read(file));
    assertEquals(16, Files.size(file));
  }

  @Test
  void arraysOfManyChunksRoundTripQuickly() throws IOException {
    PhiloxRandom random = new PhiloxRandom(1);
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    for (int size : new int[] {65_535, 65_536, 65_537, 1_300_003}) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = random.nextFloat();
      }
      arrays.put("w" + size, HostArray.of(values, size));
    }
    Safetensors content = new Safetensors(arrays, Map.of());
    Path file = directory.resolve("large.safetensors");
    content.write(file);

    long best = Long.MAX_VALUE;
    for (int i = 0; i < 20; i++) {
      long start = System.nanoTime();
      Safetensors read = Safetensors.read(file);
      best = Math.min(best, System.nanoTime() - start);
      assertEquals(content, read);
    }

    // A few milliseconds; the limit leaves room for a busy machine.
    assertTrue(best < 200_000_000, "reading 6 MB took " + best / 1_000_000 + " ms");
  }

  @Test
  void aFailedWriteKeepsTheOldFile() throws IOException {
    Path file = directory.resolve("model.safetensors");
    Safetensors old = new Safetensors(Map.of("a", HostArray.of(new int[] {1}, 1)), Map.of());
    old.write(file);

    assertThrows(
        IOException.class,
        () ->
            AtomicFiles.write(
                file,
                out -> {
                  old.write(out);
                  throw new IOException("disk");
                }));

    assertEquals(old, Safetensors.read(file));
  }

  @Test
  void refusesNamesThatTheFormatCannotHold() {
    HostArray array = HostArray.of(new int[1], 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> new Safetensors(Map.of("__metadata__", array), Map.of()));
    assertThrows(
        IllegalArgumentException.class, () -> new Safetensors(Map.of("\uD800", array), Map.of()));
    assertThrows(
        IllegalArgumentException.class, () -> new Safetensors(Map.of(), Map.of("a", "\uD800")));
  }

  @Test
  void hostArraysCheckTheirShapeAndShareTheirValues() {
    float[] values = new float[6];
    assertSame(values, HostArray.of(values, 2, 3).values());
    assertEquals(6, HostArray.of(values, 2, 3).size());
    assertEquals("Floats[2, 3]", HostArray.of(values, 2, 3).toString());
    assertNotEquals(HostArray.of(values, 2, 3), HostArray.of(values, 3, 2));
    assertNotEquals((HostArray) HostArray.of(values, 6), HostArray.of(new int[6], 6));
    assertEquals(
        HostArray.of(new double[2], 2).hashCode(), HostArray.of(new double[2], 2).hashCode());
    int[] huge = new int[40];
    Arrays.fill(huge, Integer.MAX_VALUE);
    assertThrows(IllegalArgumentException.class, () -> HostArray.of(values, 2, 4));
    assertThrows(IllegalArgumentException.class, () -> HostArray.of(values));
    assertThrows(IllegalArgumentException.class, () -> HostArray.of(values, -2, -3));
    assertThrows(IllegalArgumentException.class, () -> HostArray.of(new long[0], huge));
    // 2^64 elements, which is 0 in 64 bits.
    assertThrows(
        IllegalArgumentException.class,
        () -> HostArray.of(new long[0], 1 << 16, 1 << 16, 1 << 16, 1 << 16));
  }
}
