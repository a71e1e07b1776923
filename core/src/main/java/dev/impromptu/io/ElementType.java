package dev.impromptu.io;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * The element types that can be read, under the names of safetensors. Those of 16 bits have no
 * array in Java: they are read as the 32-bit numbers that they stand for, and never written.
 */
enum ElementType {
  F16(Short.BYTES),
  BF16(Short.BYTES),
  F32(Float.BYTES),
  F64(Double.BYTES),
  I32(Integer.BYTES),
  I64(Long.BYTES);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** The bytes of one element in a file. */
  int bytes() {
    return bytes;
  }

  /** What an array is written as. */
  static ElementType of(HostArray array) {
    return switch (array) {
      case HostArray.Floats _ -> F32;
      case HostArray.Doubles _ -> F64;
      case HostArray.Ints _ -> I32;
      case HostArray.Longs _ -> I64;
    };
  }

  static Optional<ElementType> named(String name) {
    return Stream.of(values()).filter(type -> type.name().equals(name)).findFirst();
  }
}
