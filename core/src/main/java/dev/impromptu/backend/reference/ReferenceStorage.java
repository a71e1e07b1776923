package dev.impromptu.backend.reference;

import dev.impromptu.backend.Storage;
import java.util.Locale;

/** Memory of the reference backend: 64-bit values or 32-bit indices. */
sealed interface ReferenceStorage extends Storage permits Doubles, Ints {
  @Override
  ReferenceStorage slice(int offset, int length);

  /** Copies {@code count} elements to a storage of the same type. */
  void copyTo(int from, Storage target, int to, int count);

  static ReferenceStorage of(Storage storage) {
    if (storage instanceof ReferenceStorage own) {
      return own;
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "reference: a %s storage of %d elements belongs to another backend (%s);"
                + " move the tensor to the reference backend first",
            storage.type(),
            storage.length(),
            storage.getClass().getName()));
  }

  static Doubles doubles(Storage storage) {
    return switch (of(storage)) {
      case Doubles values -> values;
      case Ints indices -> throw wrongType("FLOAT32 values", indices);
    };
  }

  static Ints ints(Storage storage) {
    return switch (of(storage)) {
      case Ints indices -> indices;
      case Doubles values -> throw wrongType("INT32 indices", values);
    };
  }

  private static IllegalArgumentException wrongType(String expected, Storage met) {
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "reference: expected %s, but got a %s storage of %d elements",
            expected,
            met.type(),
            met.length()));
  }
}
