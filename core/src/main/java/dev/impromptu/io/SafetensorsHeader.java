package dev.impromptu.io;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a header says, once it is known to be true.
 *
 * @param entries in the order of the header
 * @param metadata strings by name
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
  static final String METADATA = "__metadata__";

  /** The limit of the format's own library; the header of a million arrays has this size. */
  static final int MAX_BYTES = 100_000_000;

  private static final int LONGEST_NAME = 100;
  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  /**
   * One array.
   *
   * @param name of the array
   * @param type of its elements; null where nothing here can read it and nobody wants it
   * @param shape its dimensions
   * @param begin its first byte, counted from the end of the header
   * @param end the byte after its last
   */
  record Entry(String name, @Nullable ElementType type, List<Integer> shape, long begin, long end) {
    /** How many elements of its type it has. */
    int size(ElementType type) {
      return (int) ((end - begin) / type.bytes());
    }
  }

  /**
   * Reads and checks a header.
   *
   * @param file what errors call it
   * @param bytes the header
   * @param dataBytes how much of the file follows it
   * @param wanted tells by its name whether an array is, so that its type must be one that can be
   *     read
   */
  static SafetensorsHeader parse(
      String file, ByteBuffer bytes, long dataBytes, Predicate<String> wanted)
      throws SafetensorsException {
    if (!bytes.hasRemaining() || bytes.get(bytes.position()) != '{') {
      throw new SafetensorsException(file + ": the header does not begin with '{'");
    }
    String source = file + ": header";
    try {
      JsonObject root = Json.parseObject(source, Json.decode(source, bytes));
      List<Entry> entries = new ArrayList<>();
      Map<String, String> metadata = new LinkedHashMap<>();
      for (String name : root.names()) {
        if (name.equals(METADATA)) {
          JsonObject strings = root.object(METADATA);
          strings.names().forEach(key -> metadata.put(key, strings.string(key)));
        } else {
          entries.add(entry(file, name, root.object(name), dataBytes, wanted.test(name)));
        }
      }
      requireGapless(file, entries, dataBytes);
      return new SafetensorsHeader(entries, metadata);
    } catch (JsonException e) {
      throw new SafetensorsException(e.getMessage());
    }
  }

  private static Entry entry(
      String file, String name, JsonObject description, long dataBytes, boolean wanted)
      throws SafetensorsException {
    String typeName = description.string("dtype");
    ElementType type = ElementType.named(typeName).orElse(null);
    if (type == null && wanted) {
      throw flaw(
          file,
          name,
          "element type "
              + Json.abbreviated(typeName, LONGEST_NAME)
              + " cannot be read; expected one of "
              + Arrays.toString(ElementType.values()));
    }
    long[] shape = description.array("shape").longIntegers();
    long[] offsets = description.array("data_offsets").longIntegers();
    if (offsets.length != 2) {
      throw flaw(file, name, "expected 2 data_offsets, met " + offsets.length);
    }
    long begin = offsets[0];
    long end = offsets[1];
    String range = "data_offsets [" + begin + ", " + end + "]";
    if (begin < 0 || end < begin) {
      throw flaw(file, name, range + " are no range");
    }
    if (end > dataBytes) {
      throw flaw(
          file,
          name,
          range
              + " reach beyond the "
              + dataBytes
              + " bytes of data; the file is cut off or its header is wrong");
    }
    long size = size(file, name, shape);
    // Division cannot overflow where the product of size and width could.
    if (type != null
        && ((end - begin) % type.bytes() != 0 || (end - begin) / type.bytes() != size)) {
      throw flaw(
          file,
          name,
          "shape "
              + brief(shape)
              + " of "
              + type
              + " needs "
              + size
              + " x "
              + type.bytes()
              + " bytes, but "
              + range
              + " hold "
              + (end - begin));
    }
    return new Entry(name, type, Arrays.stream(shape).mapToObj(d -> (int) d).toList(), begin, end);
  }

  private static long size(String file, String name, long[] shape) throws SafetensorsException {
    long size = 1;
    for (long dimension : shape) {
      if (dimension < 0 || dimension > LONGEST_ARRAY) {
        throw flaw(
            file, name, "shape " + brief(shape) + " holds the impossible dimension " + dimension);
      }
      try {
        size = Math.multiplyExact(size, dimension);
      } catch (ArithmeticException e) {
        throw flaw(file, name, "the size of shape " + brief(shape) + " overflows 64 bits");
      }
    }
    if (size > LONGEST_ARRAY) {
      throw flaw(
          file, name, "shape " + brief(shape) + " has more values than a Java array can hold");
    }
    return size;
  }

  /** Every byte of the data must belong to exactly one array. */
  private static void requireGapless(String file, List<Entry> entries, long dataBytes)
      throws SafetensorsException {
    long covered = 0;
    String last = "the header";
    for (Entry entry : byOffset(entries)) {
      if (entry.begin() != covered) {
        throw flaw(
            file,
            entry.name(),
            entry.begin() < covered
                ? "begins at byte " + entry.begin() + " of the data, inside " + last
                : "bytes %d to %d of the data before it belong to no array"
                    .formatted(covered, entry.begin()));
      }
      covered = entry.end();
      last = "entry \"" + Json.abbreviated(entry.name(), LONGEST_NAME) + "\"";
    }
    if (covered != dataBytes) {
      throw new SafetensorsException(
          file + ": " + (dataBytes - covered) + " bytes after the last array belong to none");
    }
  }

  /** The entries in the order of their data. */
  static List<Entry> byOffset(List<Entry> entries) {
    return entries.stream()
        .sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
        .toList();
  }

  private static String brief(long[] shape) {
    return Json.abbreviated(Arrays.toString(shape), LONGEST_NAME);
  }

  private static SafetensorsException flaw(String file, String name, String what) {
    return new SafetensorsException(
        file + ": entry \"" + Json.abbreviated(name, LONGEST_NAME) + "\": " + what);
  }
}
