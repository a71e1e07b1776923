package dev.impromptu.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the header of a {@code .npy} file says, once it is known to be true: a Python dictionary of
 * exactly {@code descr}, {@code fortran_order} and {@code shape}.
 *
 * @param type of the elements
 * @param shape its dimensions
 * @param size their product
 */
record NpyHeader(ElementType type, List<Integer> shape, int size) {
  /** More than any array of numbers needs; only structured ones are longer. */
  static final int MAX_BYTES = 1 << 16;

  private static final List<String> NAMES = List.of("descr", "fortran_order", "shape");

  private static final Map<String, ElementType> TYPES =
      Map.of(
          "<f2", ElementType.F16,
          "<f4", ElementType.F32,
          "<f8", ElementType.F64,
          "<i4", ElementType.I32,
          "<i8", ElementType.I64);

  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  /** A name, and a string, a truth value, a tuple or a list without others inside. */
  private static final Pattern MEMBER =
      Pattern.compile(
          "\\s*(['\"])(\\w{1,20})\\1\\s*:\\s*"
              + "('[^']*'|\"[^\"]*\"|True|False|\\([^()]*\\)|\\[[^\\[\\]]*\\])\\s*(?:,|(?=}))");

  private static final Pattern DIMENSION = Pattern.compile("\\s*(-?\\d{1,18})\\s*");

  /** The code of a type that is written. */
  static String code(ElementType type) {
    return switch (type) {
      case F16 -> "<f2";
      case F32 -> "<f4";
      case F64 -> "<f8";
      case I32 -> "<i4";
      case I64 -> "<i8";
      case BF16 -> throw new IllegalArgumentException("Npy: NumPy has no " + type);
    };
  }

  /**
   * Reads and checks a header.
   *
   * @param file what errors call it
   * @param dataBytes how much of the file follows it
   */
  static NpyHeader parse(String file, String text, long dataBytes) throws NpyException {
    Map<String, String> members = members(file, text);
    String descr = members.getOrDefault("descr", "");
    String code = descr.length() > 2 ? descr.substring(1, descr.length() - 1) : "";
    ElementType type = TYPES.get(code);
    if (descr.startsWith("[") || type == null) {
      throw new NpyException(
          "%s: elements of %s are not read, expected <f2, <f4, <f8, <i4 or <i8; convert them with array.astype('<f4')"
              .formatted(file, Json.abbreviated(descr, 100)));
    }
    String order = members.getOrDefault("fortran_order", "");
    if (!order.equals("False")) {
      throw new NpyException(
          "%s: fortran_order is %s, expected False; save numpy.ascontiguousarray(array)"
              .formatted(file, Json.abbreviated(order, 100)));
    }
    String tuple = members.getOrDefault("shape", "");
    List<Integer> shape = shape(file, tuple);
    long size = 1;
    for (int dimension : shape) {
      // Beyond any array's length already: the exact product no longer matters, only a later 0.
      size = Math.min(size * dimension, LONGEST_ARRAY + 1L);
    }
    if (size > LONGEST_ARRAY) {
      throw new NpyException(
          "%s: shape %s has more values than a Java array can hold"
              .formatted(file, Json.abbreviated(tuple, 100)));
    }
    if (size * type.bytes() != dataBytes) {
      throw new NpyException(
          "%s: shape %s of %s needs %d bytes, but %d follow the header; the file is cut off or holds several arrays"
              .formatted(file, Json.abbreviated(tuple, 100), code, size * type.bytes(), dataBytes));
    }
    return new NpyHeader(type, shape, (int) size);
  }

  private static Map<String, String> members(String file, String text) throws NpyException {
    String dictionary = text.strip();
    Map<String, String> members = new LinkedHashMap<>();
    int at = 1;
    if (dictionary.startsWith("{")) {
      Matcher matcher = MEMBER.matcher(dictionary);
      while (matcher.region(at, dictionary.length()).lookingAt()) {
        if (members.putIfAbsent(matcher.group(2), matcher.group(3)) != null) {
          throw new NpyException(file + ": the header names " + matcher.group(2) + " twice");
        }
        at = matcher.end();
      }
    }
    boolean complete = members.size() == 3 && members.keySet().containsAll(NAMES);
    if (!complete || !dictionary.substring(at).strip().equals("}")) {
      throw new NpyException(
          "%s: expected a header of %s, met %s"
              .formatted(file, NAMES, Json.abbreviated(dictionary, 200)));
    }
    return members;
  }

  private static List<Integer> shape(String file, String tuple) throws NpyException {
    String inside = tuple.startsWith("(") ? tuple.substring(1, tuple.length() - 1).strip() : tuple;
    if (inside.isEmpty()) {
      return List.of();
    }
    List<Integer> shape = new ArrayList<>();
    String[] parts = inside.split(",");
    // A tuple of one has a comma, which is all that tells it from a number in brackets.
    boolean isTuple = tuple.startsWith("(") && inside.contains(",");
    for (String part : parts) {
      Matcher dimension = DIMENSION.matcher(part);
      long value = isTuple && dimension.matches() ? Long.parseLong(dimension.group(1)) : -1;
      if (value < 0 || value > LONGEST_ARRAY) {
        throw new NpyException(
            "%s: %s is no shape of an array".formatted(file, Json.abbreviated(tuple, 100)));
      }
      shape.add((int) value);
    }
    return shape;
  }
}
