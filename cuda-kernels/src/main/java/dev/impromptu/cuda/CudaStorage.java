package dev.impromptu.cuda;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.DeviceSpan;
import java.util.Objects;

/**
 * A run of elements in device memory.
 *
 * @param span its bytes, four an element
 * @param type what an element is
 * @param length the number of elements
 */
record CudaStorage(DeviceSpan span, DType type, int length) implements Storage, AutoCloseable {
  @Override
  public CudaStorage slice(int offset, int size) {
    Objects.checkFromIndexSize(offset, size, length);
    return new CudaStorage(
        span.slice((long) Float.BYTES * offset, (long) Float.BYTES * size), type, size);
  }

  /** Gives the whole memory back, for what an operation allocated for its own time. */
  @Override
  public void close() {
    span.memory().close();
  }

  static CudaStorage floats(Storage storage) {
    return of(storage, DType.FLOAT32);
  }

  static CudaStorage ints(Storage storage) {
    return of(storage, DType.INT32);
  }

  static CudaStorage any(Storage storage) {
    if (storage instanceof CudaStorage own) {
      return own;
    }
    throw new IllegalArgumentException(
        "the cuda backend cannot use a storage of another backend: " + storage.getClass());
  }

  private static CudaStorage of(Storage storage, DType wanted) {
    CudaStorage own = any(storage);
    if (own.type != wanted) {
      throw new IllegalArgumentException(
          "the cuda backend expects a storage of %s here, but got %s".formatted(wanted, own.type));
    }
    return own;
  }
}
