package dev.impromptu.cuda;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.DeviceMemory;
import dev.impromptu.cuda.driver.DriverContext;
import dev.impromptu.cuda.driver.StagingTarget;
import java.nio.FloatBuffer;

/** Storages, and copies between them and Java arrays; the device keeps 32 bits of everything. */
final class CudaMemory {
  private final CudaRuntime runtime;
  private final DriverContext context;
  private final FaultWord fault;

  CudaMemory(CudaRuntime runtime) {
    this.runtime = runtime;
    context = runtime.context();
    fault = runtime.faultWord();
  }

  CudaStorage allocate(DType type, int length) {
    return runtime.allocate(type, length);
  }

  void release(Storage storage) {
    CudaStorage own = CudaStorage.any(storage);
    DeviceMemory memory = own.span().memory();
    synchronized (context) {
      boolean whole =
          own.span().offset() == 0 && memory.bytes() == Math.max(Float.BYTES, own.span().bytes());
      if (!whole || memory.isClosed()) {
        throw new IllegalStateException(
            "release: this storage is a slice or was released before (length %d)"
                .formatted(own.length()));
      }
      memory.close();
    }
  }

  void write(float[] source, Storage target) {
    context.upload(
        CudaStorage.floats(target).span(),
        (staging, from, count) -> staging.asFloatBuffer().put(0, source, from, count));
  }

  void write(double[] source, Storage target) {
    context.upload(
        CudaStorage.floats(target).span(),
        (staging, from, count) -> {
          FloatBuffer values = staging.asFloatBuffer();
          for (int i = 0; i < count; i++) {
            values.put(i, (float) source[from + i]);
          }
        });
  }

  void write(int[] source, Storage target) {
    context.upload(
        CudaStorage.ints(target).span(),
        (staging, from, count) -> staging.asIntBuffer().put(0, source, from, count));
  }

  void read(Storage source, float[] target) {
    read(
        CudaStorage.floats(source),
        target.length,
        (staging, from, count) -> staging.asFloatBuffer().get(0, target, from, count));
  }

  void read(Storage source, double[] target) {
    read(
        CudaStorage.floats(source),
        target.length,
        (staging, from, count) -> {
          FloatBuffer values = staging.asFloatBuffer();
          for (int i = 0; i < count; i++) {
            target[from + i] = values.get(i);
          }
        });
  }

  void read(Storage source, int[] target) {
    read(
        CudaStorage.ints(source),
        target.length,
        (staging, from, count) -> staging.asIntBuffer().get(0, target, from, count));
  }

  private void read(CudaStorage source, int elements, StagingTarget target) {
    synchronized (context) {
      fault.fetch();
      context.download(source.span().slice(0, (long) Float.BYTES * elements), target);
      fault.check();
    }
  }
}
