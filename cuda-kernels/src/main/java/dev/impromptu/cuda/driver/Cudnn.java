package dev.impromptu.cuda.driver;

import dev.impromptu.backend.Precision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnStatus;
import jcuda.runtime.cudaStream_t;
import org.jspecify.annotations.Nullable;

/**
 * NVIDIA's library of neural-network operations, on one context and one stream; {@link CudnnLstm}
 * and {@link CudnnConvolution} are what Impromptu uses of it. Not for two threads at once.
 *
 * <p>It is optional: {@link #whyMissing()} says what was looked for.
 */
public final class Cudnn implements AutoCloseable {
  // Not Java arrays, which JCuda would pin: see Staging.
  private static final FloatBuffer FACTORS =
      ByteBuffer.allocateDirect(2 * Float.BYTES)
          .order(ByteOrder.nativeOrder())
          .asFloatBuffer()
          .put(0, 0)
          .put(1, 1);

  /** Every call of cuDNN here writes its result as it is, or adds it to what stands there. */
  static final Pointer ZERO = Pointer.to(FACTORS);

  static final Pointer ONE = Pointer.to(FACTORS).withByteOffset(Float.BYTES);

  private final DriverContext context;
  private final cudnnHandle handle = new cudnnHandle();
  private boolean closed;

  /** Why cuDNN cannot be used on this machine; empty if it can. */
  public static Optional<String> whyMissing() {
    return CudaLibrary.CUDNN.whyMissing();
  }

  /**
   * Loads cuDNN and prepares it for the context's stream.
   *
   * @throws CudaException if it is not there or refuses the device
   */
  public Cudnn(DriverContext context) {
    CudaLibrary.CUDNN.load();
    this.context = context;
    context.makeCurrent();
    check(JCudnn.cudnnCreate(handle), "cudnnCreate", "");
    try {
      check(
          JCudnn.cudnnSetStream(handle, new cudaStream_t(context.stream())), "cudnnSetStream", "");
    } catch (CudaException e) {
      close();
      throw e;
    }
  }

  /** 8907 for 8.9.7, 91002 for 9.10.2. */
  public long version() {
    return JCudnn.cudnnGetVersion();
  }

  /** The file that was loaded, and whether calls reach it through the forwarding library. */
  public String library() {
    return CudaLibrary.CUDNN.load().toString();
  }

  DriverContext context() {
    return context;
  }

  /** The handle, with the context current. */
  cudnnHandle handle() {
    if (closed) {
      throw new IllegalStateException("CUDA: this cuDNN handle is closed");
    }
    context.makeCurrent();
    return handle;
  }

  /**
   * How cuDNN may multiply. Strict float32 has to be asked for: its default uses TF32. It has no
   * bfloat16 arithmetic for float32 tensors, so that BF16 gets TF32, which rounds less.
   */
  static int math(Precision precision) {
    return switch (precision) {
      case FP32 -> cudnnMathType.CUDNN_FMA_MATH;
      case TF32, BF16 -> cudnnMathType.CUDNN_TENSOR_OP_MATH;
    };
  }

  /** JCudnn refuses null where cuDNN takes it; a pointer to address 0 passes. */
  static Pointer orZero(@Nullable DeviceSpan span) {
    return span == null ? new Pointer() : span.pointer();
  }

  /**
   * Checks the length of an operand.
   *
   * @throws IllegalArgumentException naming it, if it is too short
   */
  static Pointer checked(String operand, DeviceSpan span, long bytes, String description) {
    if (span.bytes() < bytes) {
      throw new IllegalArgumentException(
          "cuDNN: %s needs %d bytes but has %s: %s".formatted(operand, bytes, span, description));
    }
    return span.pointer();
  }

  /** As {@link #checked}; address 0 where there is no operand. */
  static Pointer checkedOrZero(
      String operand, @Nullable DeviceSpan span, long bytes, String description) {
    return span == null ? new Pointer() : checked(operand, span, bytes, description);
  }

  void check(int status, String call, Object arguments) {
    if (status != cudnnStatus.CUDNN_STATUS_SUCCESS) {
      throw context.libraryFailure(
          status,
          cudnnStatus.stringFor(status),
          JCudnn.cudnnGetErrorString(status),
          call,
          arguments.toString());
    }
  }

  /**
   * The stream's work must have ended. Does nothing once the context is closed or of no use, which
   * takes the handle along.
   */
  @Override
  public void close() {
    if (closed || !context.isUsable()) {
      return;
    }
    int status = JCudnn.cudnnDestroy(handle());
    closed = true;
    check(status, "cudnnDestroy", "");
  }
}
