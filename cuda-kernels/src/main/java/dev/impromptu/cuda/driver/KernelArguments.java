package dev.impromptu.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import jcuda.NativePointerObject;
import jcuda.Pointer;

/** The arguments of a launch, in the order of the kernel's parameters. */
public final class KernelArguments {
  private static final int MOST = 64;

  // Not in Java arrays, which JCuda would pin: see DriverContext.staging.
  private final ByteBuffer scalars =
      ByteBuffer.allocateDirect(MOST * Long.BYTES).order(ByteOrder.nativeOrder());
  private final List<Pointer> pointers = new ArrayList<>();
  private final StringJoiner text = new StringJoiner(", ");

  /** A pointer parameter. */
  public KernelArguments add(DeviceMemory memory) {
    pointers.add(Pointer.to(memory.pointer()));
    text.add(memory.bytes() + " bytes");
    return this;
  }

  /** An {@code int} parameter. */
  public KernelArguments add(int value) {
    scalars.putInt(nextScalar(), value);
    text.add(Integer.toString(value));
    return this;
  }

  /** A {@code float} parameter. */
  public KernelArguments add(float value) {
    scalars.putFloat(nextScalar(), value);
    text.add(Float.toString(value));
    return this;
  }

  private int nextScalar() {
    int offset = pointers.size() * Long.BYTES;
    pointers.add(Pointer.to(scalars).withByteOffset(offset));
    return offset;
  }

  Pointer pack() {
    return Pointer.to(pointers.toArray(NativePointerObject[]::new));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
