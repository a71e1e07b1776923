package dev.impromptu.cuda;

import dev.impromptu.backend.DType;
import dev.impromptu.cuda.driver.DeviceMemory;
import dev.impromptu.cuda.driver.DriverContext;
import java.nio.IntBuffer;

/**
 * Where kernels report an index out of bounds, since they cannot throw: code, index, bound, and one
 * to spare, in device memory. The first report stays until it is read here. Used under the
 * context's monitor.
 */
final class FaultWord {
  private static final int WORDS = 4;

  private final DriverContext context;
  private final DeviceMemory memory;

  FaultWord(DriverContext context) {
    this.context = context;
    memory = context.allocate(WORDS * Integer.BYTES);
    memory.span().fill(0);
  }

  CudaStorage storage() {
    return new CudaStorage(memory.span(), DType.INT32, WORDS);
  }

  /** Lets the next download bring it along, which costs less than one of its own. */
  void fetch() {
    context.fetch(memory.span());
  }

  /**
   * Looks at what was fetched, after the download.
   *
   * @throws IndexOutOfBoundsException when a kernel met an index without a row
   */
  void check() {
    IntBuffer words = context.fetched().asIntBuffer();
    if (words.get(0) != 0) {
      memory.span().fill(0);
      throw new IndexOutOfBoundsException(
          "cuda: an operation before this read met index %d, expected 0 to %d"
              .formatted(words.get(1), words.get(2) - 1));
    }
  }
}
