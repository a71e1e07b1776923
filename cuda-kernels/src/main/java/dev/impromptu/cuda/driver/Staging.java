package dev.impromptu.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import jcuda.Pointer;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * Page-locked memory that copies between Java arrays and the device go through. JCuda could copy
 * from a Java array, but pins it, and JDK 25.0.0 to 25.0.2 could move pinned arrays (JDK-8377811).
 *
 * <p>A ring of slots: uploads fill the current one, several small ones side by side, and the device
 * reads it when it comes to it. When the next upload does not fit, an event is recorded and the
 * next slot is taken, once its own event has passed. So an upload waits for the device only when
 * the whole ring is on its way. A download uses the ring from its start: it stands behind all
 * uploads in the stream and is waited for.
 *
 * <p>Used under the context's monitor.
 */
final class Staging {
  private static final int SLOTS = 4;
  private static final int SLOT_BYTES = DriverContext.STAGING_BYTES;
  private static final int RING_BYTES = SLOTS * SLOT_BYTES;

  /** Behind the ring, for a few bytes that a download brings along. */
  private static final int ASIDE_BYTES = 16;

  /** So that no two uploads share a word. */
  private static final int ALIGNMENT = 16;

  private final DriverContext context;
  private final @Nullable CudaEvent[] passed = new @Nullable CudaEvent[SLOTS];
  private final Pointer ring = new Pointer();
  private final ByteBuffer bytes;
  private int slot;
  private int used;

  /** Whether a download may still be on its way to the ring, since waiting for it failed. */
  private boolean unsettled;

  Staging(DriverContext context) {
    this.context = context;
    int status = JCudaDriver.cuMemAllocHost(ring, RING_BYTES + ASIDE_BYTES);
    if (status != CUresult.CUDA_SUCCESS) {
      throw context.failure(status, "cuMemAllocHost", "bytes " + (RING_BYTES + ASIDE_BYTES));
    }
    context.own(this::close);
    bytes = ring.getByteBuffer(0, RING_BYTES + ASIDE_BYTES);
  }

  void upload(DeviceSpan target, StagingSource source) {
    int elements = Math.toIntExact(target.bytes() / Float.BYTES);
    for (int done = 0; done < elements; ) {
      int count = Math.min(elements - done, SLOT_BYTES / Float.BYTES);
      int size = Float.BYTES * count;
      int offset = take(size);
      source.write(view(offset, size), done, count);
      long to = (long) Float.BYTES * done;
      int status =
          JCudaDriver.cuMemcpyHtoDAsync(
              target.pointer().withByteOffset(to),
              ring.withByteOffset(offset),
              size,
              context.stream());
      if (status != CUresult.CUDA_SUCCESS) {
        throw context.failure(status, "cuMemcpyHtoDAsync", piece(size, to, target));
      }
      done += count;
    }
  }

  private int take(int size) {
    if (unsettled) {
      settle("before cuMemcpyHtoDAsync");
    }
    if (used + size > SLOT_BYTES) {
      if (passed[slot] == null) {
        passed[slot] = context.event();
      }
      passed[slot].record();
      int next = (slot + 1) % SLOTS;
      CudaEvent read = passed[next];
      if (read != null) {
        read.synchronize();
      }
      // Only now: were the waiting to fail, the device might still read the next one.
      slot = next;
      used = 0;
    }
    int offset = slot * SLOT_BYTES + used;
    used += Math.ceilDiv(size, ALIGNMENT) * ALIGNMENT;
    return offset;
  }

  void download(DeviceSpan source, StagingTarget target) {
    int elements = Math.toIntExact(source.bytes() / Float.BYTES);
    if (elements == 0) {
      context.synchronize();
    }
    for (int done = 0; done < elements; ) {
      int count = Math.min(elements - done, RING_BYTES / Float.BYTES);
      int size = Float.BYTES * count;
      long from = (long) Float.BYTES * done;
      int status =
          JCudaDriver.cuMemcpyDtoHAsync(
              ring, source.pointer().withByteOffset(from), size, context.stream());
      if (status != CUresult.CUDA_SUCCESS) {
        throw context.failure(status, "cuMemcpyDtoHAsync", piece(size, from, source));
      }
      unsettled = true;
      settle("after cuMemcpyDtoHAsync, " + piece(size, from, source));
      // Nothing is on its way any longer.
      used = 0;
      target.read(view(0, size), done, count);
      done += count;
    }
  }

  private void settle(String when) {
    int status = JCudaDriver.cuStreamSynchronize(context.stream());
    if (status != CUresult.CUDA_SUCCESS) {
      throw context.failure(status, "cuStreamSynchronize", when);
    }
    unsettled = false;
  }

  void fetch(DeviceSpan source) {
    Objects.checkFromIndexSize(0, source.bytes(), ASIDE_BYTES);
    int status =
        JCudaDriver.cuMemcpyDtoHAsync(
            ring.withByteOffset(RING_BYTES), source.pointer(), source.bytes(), context.stream());
    if (status != CUresult.CUDA_SUCCESS) {
      throw context.failure(status, "cuMemcpyDtoHAsync", source.toString());
    }
  }

  ByteBuffer fetched() {
    return view(RING_BYTES, ASIDE_BYTES);
  }

  private ByteBuffer view(int offset, int size) {
    return bytes.slice(offset, size).order(ByteOrder.nativeOrder());
  }

  private static String piece(int size, long offset, DeviceSpan whole) {
    return "bytes " + size + " at " + offset + " of " + whole.bytes();
  }

  /** The host's memory does not end with a context, not even with a broken one. */
  private void close() {
    int status = JCudaDriver.cuMemFreeHost(ring);
    if (status != CUresult.CUDA_SUCCESS && !context.isBroken()) {
      throw context.failure(status, "cuMemFreeHost", "bytes " + (RING_BYTES + ASIDE_BYTES));
    }
  }
}
