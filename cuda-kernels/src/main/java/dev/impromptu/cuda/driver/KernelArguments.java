package dev.impromptu.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.StringJoiner;
import jcuda.Pointer;

/**
 * The arguments of a launch, in the order of the kernel's parameters.
 *
 * <p>The driver takes an array of pointers, one to each argument. Both stand here in memory outside
 * the Java heap, which nothing has to pin, so that a launch allocates nothing.
 */
public final class KernelArguments {
  private static final int MOST = 64;

  private enum Kind {
    POINTER,
    INT,
    FLOAT
  }

  private final ByteBuffer values =
      ByteBuffer.allocateDirect(MOST * Long.BYTES).order(ByteOrder.nativeOrder());
  private final ByteBuffer places =
      ByteBuffer.allocateDirect(MOST * Long.BYTES).order(ByteOrder.nativeOrder());
  private final Pointer packed = Pointer.to(places);

  /** For the text of an error only. */
  private final Kind[] kinds = new Kind[MOST];

  private final long[] spanBytes = new long[MOST];
  private int count;

  KernelArguments() {
    long start = MemorySegment.ofBuffer(values).address();
    for (int i = 0; i < MOST; i++) {
      places.putLong(Long.BYTES * i, start + (long) Long.BYTES * i);
    }
  }

  KernelArguments clear() {
    count = 0;
    return this;
  }

  /** A pointer parameter. */
  public KernelArguments add(DeviceSpan span) {
    return pointer(span.address(), span.bytes());
  }

  /** A pointer parameter that points nowhere. */
  public KernelArguments addNull() {
    return pointer(0, -1);
  }

  private KernelArguments pointer(long address, long bytes) {
    int place = next(Kind.POINTER);
    values.putLong(place, address);
    spanBytes[count - 1] = bytes;
    return this;
  }

  /** An {@code int} parameter. */
  public KernelArguments add(int value) {
    values.putInt(next(Kind.INT), value);
    return this;
  }

  /** A {@code float} parameter. */
  public KernelArguments add(float value) {
    values.putFloat(next(Kind.FLOAT), value);
    return this;
  }

  private int next(Kind kind) {
    if (count == MOST) {
      throw new IllegalStateException("CUDA: a kernel takes at most " + MOST + " arguments here");
    }
    kinds[count] = kind;
    return Long.BYTES * count++;
  }

  Pointer pack() {
    return packed;
  }

  @Override
  public String toString() {
    var text = new StringJoiner(", ");
    for (int i = 0; i < count; i++) {
      int place = Long.BYTES * i;
      text.add(
          switch (kinds[i]) {
            case POINTER -> spanBytes[i] < 0 ? "null" : spanBytes[i] + " bytes";
            case INT -> Integer.toString(values.getInt(place));
            case FLOAT -> Float.toString(values.getFloat(place));
          });
    }
    return text.toString();
  }
}
