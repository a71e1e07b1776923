package dev.impromptu.cuda.driver;

import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** One allocation of the driver. */
final class DeviceRegion implements AutoCloseable {
  private final DriverContext context;
  private final long bytes;
  private final Address pointer = new Address();
  private final Runnable closing = this::close;
  private boolean closed;

  /** How many of a pool's blocks in it are handed out. */
  int blocksInUse;

  /** JCuda tells the number only to a subclass. */
  private static final class Address extends CUdeviceptr {
    long number() {
      return getNativePointer();
    }
  }

  DeviceRegion(DriverContext context, long bytes) {
    this.context = context;
    this.bytes = bytes;
    int status = JCudaDriver.cuMemAlloc(pointer, bytes);
    if (status != CUresult.CUDA_SUCCESS) {
      throw context.failure(status, "cuMemAlloc", "bytes " + bytes);
    }
    context.own(closing);
  }

  DriverContext context() {
    return context;
  }

  CUdeviceptr pointer(long offset) {
    return pointer.withByteOffset(offset);
  }

  long address() {
    return pointer.number();
  }

  long bytes() {
    return bytes;
  }

  /** The end of a context, or its failure, frees what stood in it. */
  @Override
  public void close() {
    synchronized (context) {
      if (closed || context.isClosed() || context.isBroken()) {
        return;
      }
      closed = true;
      context.disown(closing);
      context.makeCurrent();
      int status = JCudaDriver.cuMemFree(pointer);
      if (status != CUresult.CUDA_SUCCESS) {
        throw context.failure(status, "cuMemFree", "bytes " + bytes);
      }
    }
  }
}
