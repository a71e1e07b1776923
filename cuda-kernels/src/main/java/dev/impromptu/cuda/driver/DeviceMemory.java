package dev.impromptu.cuda.driver;

import java.util.function.Consumer;
import jcuda.driver.CUdeviceptr;

/** A piece of a device's memory. It never waits for the garbage collector: close it. */
public final class DeviceMemory implements AutoCloseable {
  private final DeviceRegion region;
  private final long offset;
  private final long bytes;
  private final Consumer<DeviceMemory> giveBack;
  private boolean closed;

  /**
   * A part of a region.
   *
   * @param giveBack called once, when it is closed
   */
  DeviceMemory(DeviceRegion region, long offset, long bytes, Consumer<DeviceMemory> giveBack) {
    this.region = region;
    this.offset = offset;
    this.bytes = bytes;
    this.giveBack = giveBack;
  }

  /** A run of its bytes. */
  public DeviceSpan span(long from, long size) {
    return new DeviceSpan(this, from, size);
  }

  /** All of its bytes. */
  public DeviceSpan span() {
    return span(0, bytes);
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
    region
        .context()
        .upload(
            span(0, (long) Float.BYTES * values.length),
            (staging, from, count) -> staging.asFloatBuffer().put(0, values, from, count));
  }

  /**
   * Copies the beginning of this memory into an array, after all that was launched has ended.
   *
   * @throws IndexOutOfBoundsException if the array is larger
   */
  public void download(float[] values) {
    region
        .context()
        .download(
            span(0, (long) Float.BYTES * values.length),
            (staging, from, count) -> staging.asFloatBuffer().get(0, values, from, count));
  }

  DriverContext context() {
    return region.context();
  }

  CUdeviceptr pointer() {
    return pointer(0);
  }

  CUdeviceptr pointer(long from) {
    requireOpen();
    return region.pointer(offset + from);
  }

  /** The address as a number, for the arguments of a kernel. */
  long address() {
    requireOpen();
    return region.address() + offset;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("CUDA: these " + bytes + " bytes were freed");
    }
  }

  /** Whether it was given back. */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    synchronized (region.context()) {
      if (closed) {
        return;
      }
      closed = true;
    }
    giveBack.accept(this);
  }
}
