package dev.impromptu.backend.cpu;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A run of elements in a Java array: the fastest thing the Vector API and OpenBLAS can read. */
abstract sealed class CpuStorage implements Storage {
  final int offset;
  final int length;

  /** Only what {@link MemoryPool} gave out itself, and once, may go back there. */
  boolean releasable;

  private CpuStorage(int offset, int length) {
    this.offset = offset;
    this.length = length;
  }

  @Override
  public final int length() {
    return length;
  }

  /** Values. */
  static final class Floats extends CpuStorage {
    final float[] array;

    Floats(float[] array, int offset, int length) {
      super(offset, length);
      this.array = array;
    }

    @Override
    public DType type() {
      return DType.FLOAT32;
    }

    @Override
    public Floats slice(int from, int size) {
      Objects.checkFromIndexSize(from, size, length);
      return new Floats(array, offset + from, size);
    }
  }

  /** Indices. */
  static final class Ints extends CpuStorage {
    final int[] array;

    Ints(int[] array, int offset, int length) {
      super(offset, length);
      this.array = array;
    }

    @Override
    public DType type() {
      return DType.INT32;
    }

    @Override
    public Ints slice(int from, int size) {
      Objects.checkFromIndexSize(from, size, length);
      return new Ints(array, offset + from, size);
    }
  }

  static Floats floats(Storage storage) {
    if (storage instanceof Floats floats) {
      return floats;
    }
    throw wrong(storage, DType.FLOAT32);
  }

  static @Nullable Floats floatsOrNull(@Nullable Storage storage) {
    return storage == null ? null : floats(storage);
  }

  static Ints ints(Storage storage) {
    if (storage instanceof Ints ints) {
      return ints;
    }
    throw wrong(storage, DType.INT32);
  }

  private static IllegalArgumentException wrong(Storage storage, DType wanted) {
    return storage instanceof CpuStorage
        ? new IllegalArgumentException(
            "the cpu backend expects a storage of " + wanted + " here, but got " + storage.type())
        : new IllegalArgumentException(
            "the cpu backend cannot use a storage of another backend: " + storage.getClass());
  }
}
