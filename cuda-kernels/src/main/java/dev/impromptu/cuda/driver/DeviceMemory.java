package dev.impromptu.cuda.driver;

import java.util.Objects;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A piece of a device's memory. It never waits for the garbage collector: close it. */
public final class DeviceMemory implements AutoCloseable {
  private final DriverContext context;
  private final long bytes;
  private final CUdeviceptr pointer = new CUdeviceptr();
  private boolean closed;

  DeviceMemory(DriverContext context, long bytes) {
    this.context = context;
    this.bytes = bytes;
    int status = JCudaDriver.cuMemAlloc(pointer, bytes);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuMemAlloc", "bytes " + bytes);
    }
  }

  /** The size in bytes. */
  public long bytes() {
    return bytes;
  }

  /**
   * Copies an array to the beginning of this memory.
   *
   * @throws IndexOutOfBoundsException if the array is larger
   */
  public void upload(float[] values) {
    Objects.checkFromIndexSize(0, (long) Float.BYTES * values.length, bytes);
    CUdeviceptr start = pointer();
    synchronized (context) {
      context.makeCurrent();
      Pointer staging = context.staging();
      var buffer = DriverContext.bytes(staging).asFloatBuffer();
      for (int done = 0; done < values.length; ) {
        int count = Math.min(values.length - done, buffer.capacity());
        buffer.put(0, values, done, count);
        long size = (long) Float.BYTES * count;
        int status =
            JCudaDriver.cuMemcpyHtoD(
                start.withByteOffset((long) Float.BYTES * done), staging, size);
        if (status != CUresult.CUDA_SUCCESS) {
          throw CudaException.of(status, "cuMemcpyHtoD", copy(done, size));
        }
        done += count;
      }
    }
  }

  /**
   * Copies the beginning of this memory into an array, after all that was launched has ended.
   *
   * @throws IndexOutOfBoundsException if the array is larger
   */
  public void download(float[] values) {
    Objects.checkFromIndexSize(0, (long) Float.BYTES * values.length, bytes);
    CUdeviceptr start = pointer();
    synchronized (context) {
      context.makeCurrent();
      Pointer staging = context.staging();
      var buffer = DriverContext.bytes(staging).asFloatBuffer();
      for (int done = 0; done < values.length; ) {
        int count = Math.min(values.length - done, buffer.capacity());
        long size = (long) Float.BYTES * count;
        int status =
            JCudaDriver.cuMemcpyDtoH(
                staging, start.withByteOffset((long) Float.BYTES * done), size);
        if (status != CUresult.CUDA_SUCCESS) {
          throw CudaException.of(status, "cuMemcpyDtoH", copy(done, size));
        }
        buffer.get(0, values, done, count);
        done += count;
      }
    }
  }

  private String copy(int done, long size) {
    return "bytes " + size + " at " + (long) Float.BYTES * done + " of " + bytes;
  }

  CUdeviceptr pointer() {
    if (closed) {
      throw new IllegalStateException("CUDA: these " + bytes + " bytes were freed");
    }
    return pointer;
  }

  @Override
  public void close() {
    if (closed || context.isClosed()) {
      return;
    }
    closed = true;
    context.makeCurrent();
    int status = JCudaDriver.cuMemFree(pointer);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuMemFree", "bytes " + bytes);
    }
  }
}
