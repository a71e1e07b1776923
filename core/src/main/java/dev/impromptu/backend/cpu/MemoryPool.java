package dev.impromptu.backend.cpu;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Keeps released arrays for the next request of their size, so that a training step in steady state
 * allocates next to nothing.
 *
 * <p>Lengths are rounded up to eight classes a power of two, which wastes at most an eighth and
 * lets sequences of nearly one length share memory.
 */
final class MemoryPool {
  private final long capacityBytes;
  private final Shelf<float[]> floats = new Shelf<>(float[]::new);
  private final Shelf<int[]> ints = new Shelf<>(int[]::new);
  private long retainedBytes;

  MemoryPool(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  synchronized CpuStorage.Floats floats(int length) {
    var storage = new CpuStorage.Floats(floats.take(length), 0, length);
    storage.releasable = true;
    return storage;
  }

  synchronized CpuStorage.Ints ints(int length) {
    var storage = new CpuStorage.Ints(ints.take(length), 0, length);
    storage.releasable = true;
    return storage;
  }

  synchronized void release(CpuStorage storage) {
    if (!storage.releasable) {
      throw new IllegalStateException(
          "release: this storage is a slice or was released before (length "
              + storage.length
              + ")");
    }
    storage.releasable = false;
    long bytes = (long) Float.BYTES * roundUp(storage.length);
    if (retainedBytes + bytes > capacityBytes) {
      clear();
    }
    if (bytes > capacityBytes) {
      return;
    }
    retainedBytes += bytes;
    switch (storage) {
      case CpuStorage.Floats f -> floats.give(f.length, f.array);
      case CpuStorage.Ints i -> ints.give(i.length, i.array);
    }
  }

  synchronized void clear() {
    floats.free.clear();
    ints.free.clear();
    retainedBytes = 0;
  }

  synchronized long retainedBytes() {
    return retainedBytes;
  }

  static int roundUp(int length) {
    if (length < 0) {
      throw new IllegalArgumentException("allocate: length " + length + " is negative");
    }
    int shift = Math.max(3, 31 - Integer.numberOfLeadingZeros(length | 1) - 3);
    long rounded = ((length + (1L << shift) - 1) >> shift) << shift;
    return rounded > Integer.MAX_VALUE - 8 ? length : (int) rounded;
  }

  private final class Shelf<A> {
    private final Map<Integer, ArrayDeque<A>> free = new HashMap<>();
    private final IntFunction<A> make;

    Shelf(IntFunction<A> make) {
      this.make = make;
    }

    A take(int length) {
      int size = roundUp(length);
      var list = free.get(size);
      if (list == null || list.isEmpty()) {
        return make.apply(size);
      }
      retainedBytes -= (long) Float.BYTES * size;
      return list.pop();
    }

    void give(int length, A array) {
      free.computeIfAbsent(roundUp(length), size -> new ArrayDeque<>()).push(array);
    }
  }
}
