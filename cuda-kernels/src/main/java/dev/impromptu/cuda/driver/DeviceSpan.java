package dev.impromptu.cuda.driver;

import java.util.Objects;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * A run of bytes in device memory.
 *
 * @param memory where it lies
 * @param offset its first byte
 * @param bytes its length
 */
public record DeviceSpan(DeviceMemory memory, long offset, long bytes) {
  /** Checks that it lies inside the memory. */
  public DeviceSpan {
    Objects.checkFromIndexSize(offset, bytes, memory.bytes());
  }

  /** A run within this one. */
  public DeviceSpan slice(long from, long size) {
    Objects.checkFromIndexSize(from, size, bytes);
    return new DeviceSpan(memory, offset + from, size);
  }

  /**
   * Sets every element of four bytes, when the device comes to it.
   *
   * @param bits of the element
   */
  public void fill(int bits) {
    DriverContext context = memory.context();
    synchronized (context) {
      context.makeCurrent();
      int status =
          JCudaDriver.cuMemsetD32Async(pointer(), bits, bytes / Integer.BYTES, context.stream());
      if (status != CUresult.CUDA_SUCCESS) {
        throw context.failure(
            status, "cuMemsetD32Async", "0x" + Integer.toHexString(bits) + ", " + this);
      }
    }
  }

  /**
   * Copies from other device memory, when the device comes to it.
   *
   * @param source of the same length
   */
  public void copyFrom(DeviceSpan source) {
    if (source.bytes != bytes) {
      throw new IllegalArgumentException(
          "CUDA: a copy of %s cannot fill %s; expected two runs of one length"
              .formatted(source, this));
    }
    DriverContext context = memory.context();
    synchronized (context) {
      context.makeCurrent();
      int status =
          JCudaDriver.cuMemcpyDtoDAsync(pointer(), source.pointer(), bytes, context.stream());
      if (status != CUresult.CUDA_SUCCESS) {
        throw context.failure(status, "cuMemcpyDtoDAsync", toString());
      }
    }
  }

  CUdeviceptr pointer() {
    return memory.pointer(offset);
  }

  /** The address as a number, for the arguments of a kernel. */
  long address() {
    return memory.address() + offset;
  }

  @Override
  public String toString() {
    return bytes + " bytes";
  }
}
