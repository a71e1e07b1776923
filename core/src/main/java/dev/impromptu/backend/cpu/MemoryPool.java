package dev.impromptu.backend.cpu;

import dev.impromptu.backend.OutOfDeviceMemoryException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * Keeps released arrays for the next request of their size, so that a training step in steady state
 * allocates next to nothing.
 *
 * <p>Lengths are rounded up to eight classes a power of two, which wastes at most an eighth and
 * lets sequences of nearly one length share memory.
 */
final class MemoryPool {
  /** Above, lengths are not rounded up. */
  private static final int LARGEST = 15 << 27;

  /**
   * Where floats begin: 48 bytes behind the 16 of an array's header. A vector that lies across two
   * cache lines takes twice as long to load; where an array itself begins with a line, this is
   * worth up to a third of a product's time. G1 puts arrays from half a region on at the beginning
   * of one.
   */
  private static final int FIRST = 12;

  /** Half of the smallest region of G1, which it takes for heaps of up to 2 GiB. */
  private static final int HALF_REGION = (1 << 20) / 2 / Float.BYTES;

  private final long capacityBytes;
  private final Shelf<float[]> floats;
  private final Shelf<int[]> ints = new Shelf<>(int[]::new);
  private long retainedBytes;

  MemoryPool(long capacityBytes) {
    this(capacityBytes, float[]::new);
  }

  /**
   * Makes an empty one.
   *
   * @param makeFloats an array of so many elements
   */
  MemoryPool(long capacityBytes, IntFunction<float[]> makeFloats) {
    this.capacityBytes = capacityBytes;
    floats = new Shelf<>(makeFloats);
  }

  synchronized CpuStorage.Floats floats(int length) {
    int first = first(length);
    var storage = new CpuStorage.Floats(floats.take(first + length), first, length);
    storage.releasable = true;
    return storage;
  }

  /** Memory that begins with a cache line, at the price of more than is asked for. */
  CpuStorage.Floats aligned(int length) {
    return floats(Math.max(HALF_REGION, length));
  }

  private static int first(int length) {
    return length < LARGEST ? FIRST : 0;
  }

  CpuStorage.Floats zeros(int length) {
    var zeros = floats(length);
    Arrays.fill(zeros.array, zeros.offset, zeros.offset + length, 0f);
    return zeros;
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
    int size = roundUp(storage.offset + storage.length);
    long bytes = (long) Float.BYTES * size;
    if (retainedBytes + bytes > capacityBytes) {
      clear();
    }
    if (bytes > capacityBytes || size > LARGEST) {
      return;
    }
    retainedBytes += bytes;
    switch (storage) {
      case CpuStorage.Floats f -> floats.give(size, f.array);
      case CpuStorage.Ints i -> ints.give(size, i.array);
    }
  }

  synchronized void clear() {
    floats.clear();
    ints.clear();
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
    long rounded = ((Math.max(1, length) + (1L << shift) - 1) >> shift) << shift;
    return rounded > Integer.MAX_VALUE - 8 ? length : (int) rounded;
  }

  /** The number of a class: its power of two and the three bits below. */
  private static int classOf(int size) {
    int exponent = 31 - Integer.numberOfLeadingZeros(size | 8);
    return (exponent << 3) + ((size >> (exponent - 3)) & 7);
  }

  private final class Shelf<A> {
    private final List<ArrayDeque<A>> free =
        Stream.generate(ArrayDeque<A>::new).limit(classOf(LARGEST) + 1).toList();
    private final IntFunction<A> make;

    Shelf(IntFunction<A> make) {
      this.make = make;
    }

    A take(int length) {
      int size = roundUp(length);
      A array = size > LARGEST ? null : free.get(classOf(size)).poll();
      if (array == null) {
        return made(size);
      }
      retainedBytes -= (long) Float.BYTES * size;
      return array;
    }

    /** What is kept here is given up before there is too little memory. */
    private A made(int size) {
      try {
        return make.apply(size);
      } catch (OutOfMemoryError e) {
        MemoryPool.this.clear();
      }
      try {
        return make.apply(size);
      } catch (OutOfMemoryError e) {
        throw new OutOfDeviceMemoryException(
            String.format(
                Locale.ROOT,
                "cpu: %.1f MiB were asked for, more than is free of a heap of at most %.1f MiB;"
                    + " raise -Xmx",
                (double) Float.BYTES * size / 0x1p20,
                Runtime.getRuntime().maxMemory() / 0x1p20),
            e);
      }
    }

    void give(int size, A array) {
      free.get(classOf(size)).push(array);
    }

    void clear() {
      free.forEach(ArrayDeque::clear);
    }
  }
}
