package dev.impromptu.cuda;

import dev.impromptu.backend.DType;
import java.util.ArrayList;
import java.util.List;

/** Memory for the time of one operation, given back after its last launch. */
final class LstmScratch implements AutoCloseable {
  private final CudaRuntime runtime;
  private final List<CudaStorage> lent = new ArrayList<>();

  LstmScratch(CudaRuntime runtime) {
    this.runtime = runtime;
  }

  CudaStorage floats(int length) {
    CudaStorage storage = runtime.allocate(DType.FLOAT32, length);
    lent.add(storage);
    return storage;
  }

  @Override
  public void close() {
    lent.forEach(storage -> storage.span().memory().close());
  }
}
