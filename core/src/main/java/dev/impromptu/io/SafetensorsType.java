package dev.impromptu.io;

import java.util.Optional;
import java.util.stream.Stream;

/** The element types that have an array in Java, under the names of the format. */
enum SafetensorsType {
  F32(Float.BYTES),
  F64(Double.BYTES),
  I32(Integer.BYTES),
  I64(Long.BYTES);

  private final int bytes;

  SafetensorsType(int bytes) {
    this.bytes = bytes;
  }

  /** The bytes of one element. */
  int bytes() {
    return bytes;
  }

  static SafetensorsType of(HostArray array) {
    return switch (array) {
      case HostArray.Floats floats -> F32;
      case HostArray.Doubles doubles -> F64;
      case HostArray.Ints ints -> I32;
      case HostArray.Longs longs -> I64;
    };
  }

  static Optional<SafetensorsType> named(String name) {
    return Stream.of(values()).filter(type -> type.name().equals(name)).findFirst();
  }
}
