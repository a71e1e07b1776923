package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.impromptu.random.PhiloxRandom;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFuzzTest {
  /** Of reading a file of under 1 kB: the chunk, the header's tree, an error's message. */
  private static final long ALLOWANCE = 1L << 19;

  private static final String ALPHABET = "0123456789-{}[]\",:eEFI ";

  @TempDir Path directory;

  @Test
  void mutatedFilesAreReadOrRefusedAndNeverCostMoreThanTheyHold() throws Exception {
    Path file = directory.resolve("fuzzed.safetensors");
    byte[] valid = valid();
    PhiloxRandom random = new PhiloxRandom(1);
    int read = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] mutated = valid.clone();
      for (int mutation = random.nextInt(1, 4); mutation > 0; mutation--) {
        mutated = mutate(mutated, random);
      }
      Files.write(file, mutated);
      long before = allocatedBytes();
      try {
        Safetensors content = Safetensors.read(file);
        read++;
        assertEquals(content, again(content));
      } catch (SafetensorsException expected) {
        // refused, as declared
      } catch (IOException | RuntimeException | Error e) {
        fail("on " + Arrays.toString(mutated), e);
      }
      long allocated = allocatedBytes() - before;
      assertTrue(allocated < ALLOWANCE, () -> "allocated " + allocated);
    }
    assertTrue(read > 50, "only " + read + " mutations kept a valid file");
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    Path file = directory.resolve("cut.safetensors");
    byte[] valid = valid();
    for (int length = 0; length < valid.length; length++) {
      Files.write(file, Arrays.copyOf(valid, length));
      try {
        Safetensors.read(file);
        fail("read a file cut to " + length + " of " + valid.length + " bytes");
      } catch (SafetensorsException expected) {
        // refused, as declared
      }
    }
  }

  private Safetensors again(Safetensors content) throws IOException {
    Path copy = directory.resolve("copy.safetensors");
    try (var out = Files.newOutputStream(copy)) {
      content.write(out);
    }
    return Safetensors.read(copy);
  }

  private static byte[] valid() throws IOException {
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    arrays.put("lstm.weight_ih_l0", HostArray.of(new float[12], 4, 3));
    arrays.put("bias", HostArray.of(new double[4], 4));
    arrays.put("ids", HostArray.of(new int[] {1, 2, 3}, 3, 1));
    arrays.put("step", HostArray.of(new long[] {7}));
    arrays.put("none", HostArray.of(new float[0], 0, 5));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new Safetensors(arrays, Map.of("format", "pt")).write(out);
    return out.toByteArray();
  }

  private static byte[] mutate(byte[] bytes, PhiloxRandom random) {
    if (bytes.length == 0) {
      return bytes;
    }
    int at = random.nextInt(bytes.length);
    return switch (random.nextInt(6)) {
      case 0 -> {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        yield bytes;
      }
      case 1 -> {
        bytes[at] = (byte) random.nextInt();
        yield bytes;
      }
      case 2, 3 -> {
        bytes[at] = (byte) ALPHABET.charAt(random.nextInt(ALPHABET.length()));
        yield bytes;
      }
      case 4 -> random.nextInt(4) > 0 ? bytes : Arrays.copyOf(bytes, at);
      default -> {
        bytes[random.nextInt(Math.min(8, bytes.length))] = (byte) random.nextInt();
        yield bytes;
      }
    };
  }

  /** Through reflection, for core reads no management module; 0 where the JVM does not count. */
  private static long allocatedBytes() throws ReflectiveOperationException {
    Class<?> factory =
        ClassLoader.getSystemClassLoader().loadClass("java.lang.management.ManagementFactory");
    Object threads = factory.getMethod("getThreadMXBean").invoke(null);
    Method counter =
        ClassLoader.getSystemClassLoader()
            .loadClass("com.sun.management.ThreadMXBean")
            .getMethod("getCurrentThreadAllocatedBytes");
    return (long) counter.invoke(threads);
  }
}
