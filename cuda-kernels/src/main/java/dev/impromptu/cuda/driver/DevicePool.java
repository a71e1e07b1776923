package dev.impromptu.cuda.driver;

import dev.impromptu.backend.OutOfDeviceMemoryException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps released device memory for the next request of its size, since the driver's own allocation
 * is slow and, when freeing, waits for the device.
 *
 * <p>Sizes are rounded up to eight classes a power of two, which wastes at most an eighth from 2
 * KiB on. Blocks of up to 1 MiB are carved from slabs, so that thousands of small tensors cost a
 * few allocations; larger ones are allocations of their own, in steps of 2 MiB, the driver's own
 * granularity, of which up to 16 MiB more than an eighth may be wasted.
 *
 * <p>Work runs in the order of one stream. So what is given back while a kernel still reads it can
 * be handed out at once: the next user's kernels come later.
 *
 * <p>An exact pool keeps nothing: every request is an allocation of exactly its size, and freed
 * when given back. It is for tests, whose driver then notices each access out of bounds.
 */
public final class DevicePool {
  static final long ALIGNMENT = 256;
  static final long SMALL = 1 << 20;
  static final long SLAB = 8 << 20;
  static final long LARGE_STEP = 2 << 20;

  private final DriverContext context;
  private final boolean exact;
  private final LeakReport leaks;
  private final Map<Long, ArrayDeque<Block>> shelves = new HashMap<>();
  private final List<DeviceRegion> regions = new ArrayList<>();
  private @Nullable DeviceRegion slab;
  private long slabUsed;
  private @Nullable RecordedMemory recorded;
  private long bytesInUse;
  private long regionsMade;

  /** A part of a region that is handed out as a whole. */
  record Block(DeviceRegion region, long offset, long size) {}

  /**
   * Makes an empty one.
   *
   * @param exact whether every request is the driver's own allocation
   * @param traceLeaks whether to remember where each piece was allocated
   */
  public DevicePool(DriverContext context, boolean exact, boolean traceLeaks) {
    this.context = context;
    this.exact = exact;
    leaks = new LeakReport(context, traceLeaks);
  }

  /**
   * Memory of undefined content; closing it gives it back.
   *
   * @param bytes above 0
   * @throws OutOfDeviceMemoryException when the device has no more, even after what is kept here
   *     was freed
   */
  public DeviceMemory allocate(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("CUDA: " + bytes + " bytes cannot be allocated");
    }
    synchronized (context) {
      long size = exact ? bytes : roundUp(bytes);
      RecordedMemory recording = recorded;
      Block block = recording == null ? null : recording.take(size);
      if (block == null) {
        block = take(size, bytes);
      }
      return lend(block, bytes, recording);
    }
  }

  private DeviceMemory lend(Block block, long bytes, @Nullable RecordedMemory recording) {
    LeakReport.Loan loan = leaks.loan(bytes);
    var memory =
        new DeviceMemory(
            block.region,
            block.offset,
            bytes,
            _ -> {
              loan.giveBack();
              giveBack(block, recording);
            });
    loan.watch(memory);
    return memory;
  }

  private Block take(long size, long bytes) {
    ArrayDeque<Block> shelf = shelves.get(size);
    Block block = shelf == null ? null : shelf.poll();
    if (block == null) {
      block = exact || size > SMALL ? new Block(reserve(size, bytes), 0, size) : carve(size, bytes);
    }
    block.region.blocksInUse++;
    bytesInUse += size;
    return block;
  }

  private Block carve(long size, long bytes) {
    DeviceRegion from = slab;
    if (from == null || slabUsed + size > SLAB) {
      from = reserve(SLAB, bytes);
      slab = from;
      slabUsed = 0;
    }
    var block = new Block(from, slabUsed, size);
    slabUsed += size;
    return block;
  }

  private DeviceRegion reserve(long size, long bytes) {
    DeviceRegion region =
        withRoom(MemoryInfo.text(bytes) + " were asked for", () -> context.reserve(size));
    regions.add(region);
    regionsMade++;
    return region;
  }

  /**
   * Does what takes memory from the driver; where there is too little, once more after what nobody
   * uses here was freed.
   *
   * @param what is done, for the exception's text: {@code 4.0 KiB were asked for}
   * @throws OutOfDeviceMemoryException when there is too little then, too
   */
  public <T> T withRoom(String what, Supplier<T> work) {
    synchronized (context) {
      try {
        return work.get();
      } catch (CudaException e) {
        if (!e.isOutOfMemory()) {
          throw e;
        }
      }
      // Freeing waits for the device, which no recording can.
      if (!context.isRecording()) {
        trim();
      }
      try {
        return work.get();
      } catch (CudaException e) {
        throw asShortage(e, what);
      }
    }
  }

  /**
   * What to throw in the place of a failure of the driver: where it ran out of memory, the
   * exception that everybody knows, with what is in use here.
   *
   * @param what happened, {@code 4.0 KiB were asked for}
   */
  public RuntimeException asShortage(CudaException e, String what) {
    if (!e.isOutOfMemory()) {
      return e;
    }
    synchronized (context) {
      return new OutOfDeviceMemoryException(
          "cuda: %s; %s are in use and %s kept for later use here, and the device has %s"
              .formatted(
                  what,
                  MemoryInfo.text(bytesInUse),
                  MemoryInfo.text(keptBytes()),
                  context.memoryInfo()),
          e);
    }
  }

  private void giveBack(Block block, @Nullable RecordedMemory lender) {
    synchronized (context) {
      if (context.isClosed()) {
        return;
      }
      if (recorded != null && recorded != lender) {
        // The recorded work may use it, each time it is replayed.
        recorded.keep(block, lender);
      } else {
        takeBack(block, lender);
      }
    }
  }

  /** Only to be called when no recorded work uses the block any longer, save its lender's. */
  void takeBack(Block block, @Nullable RecordedMemory lender) {
    if (lender != null && lender.isOpen()) {
      lender.give(block);
    } else {
      shelve(block);
    }
  }

  /** Only to be called when nothing recorded uses the block any longer. */
  void shelve(Block block) {
    block.region.blocksInUse--;
    bytesInUse -= block.size;
    if (exact) {
      regions.remove(block.region);
      block.region.close();
    } else {
      shelves.computeIfAbsent(block.size, _ -> new ArrayDeque<>()).push(block);
    }
  }

  /** Frees what nobody uses. */
  public void trim() {
    synchronized (context) {
      context.synchronize();
      for (ArrayDeque<Block> shelf : shelves.values()) {
        shelf.removeIf(block -> block.region.blocksInUse == 0);
      }
      List<DeviceRegion> unused =
          regions.stream().filter(region -> region.blocksInUse == 0).toList();
      regions.removeAll(unused);
      if (slab != null && slab.blocksInUse == 0) {
        slab = null;
      }
      unused.forEach(DeviceRegion::close);
    }
  }

  /**
   * From now on, and until {@link RecordedMemory#end}, memory comes from there and is kept there.
   * Under the context's monitor, like the recording itself.
   */
  public RecordedMemory record() {
    var memory = new RecordedMemory(this, context);
    recorded = memory;
    return memory;
  }

  void endRecording() {
    recorded = null;
  }

  /** Bytes handed out, as rounded up. */
  public long bytesInUse() {
    synchronized (context) {
      return bytesInUse;
    }
  }

  /** Bytes that were taken from the driver and are not handed out. */
  public long keptBytes() {
    synchronized (context) {
      return regions.stream().mapToLong(DeviceRegion::bytes).sum() - bytesInUse;
    }
  }

  /** How often the driver was asked for memory so far; constant in a steady state. */
  public long driverAllocations() {
    synchronized (context) {
      return regionsMade;
    }
  }

  static long roundUp(long bytes) {
    long step = Math.max(bytes > SMALL ? LARGE_STEP : ALIGNMENT, Long.highestOneBit(bytes) / 8);
    return Math.ceilDiv(bytes, step) * step;
  }
}
