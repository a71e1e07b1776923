package dev.impromptu.cuda.driver;

import dev.impromptu.backend.Precision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasPointerMode;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * NVIDIA's library of matrix products, on one context and its stream. Any thread may use it.
 *
 * <p>Its scratch memory is allocated here, once: a product then allocates nothing, so it can be
 * part of a graph, and always has the same amount to work with, so it chooses the same algorithm.
 * Two runs on one chip give the same bits.
 */
public final class Cublas implements AutoCloseable {
  /** What NVIDIA recommends for Hopper, and for the chips before. */
  private static final long WORKSPACE_SM90 = 32L << 20;

  private static final long WORKSPACE = 4L << 20;

  private final DriverContext context;
  private final cublasHandle handle = new cublasHandle();
  private final DeviceMemory workspace;
  // Not Java arrays, which JCuda would pin: see Staging.
  private final FloatBuffer factors =
      ByteBuffer.allocateDirect(2 * Float.BYTES).order(ByteOrder.nativeOrder()).asFloatBuffer();
  private final Pointer alpha = Pointer.to(factors);
  private final Pointer beta = Pointer.to(factors).withByteOffset(Float.BYTES);
  private boolean closed;

  /** Why cuBLAS cannot be used on this machine; empty if it can. */
  public static Optional<String> whyMissing() {
    return CudaLibrary.CUBLAS.whyMissing();
  }

  /**
   * Loads cuBLAS and prepares it for the context's stream.
   *
   * @throws CudaException if it is not there or refuses the device
   */
  public Cublas(DriverContext context) {
    CudaLibrary.CUBLAS.load();
    this.context = context;
    long bytes = context.computeCapability() >= 90 ? WORKSPACE_SM90 : WORKSPACE;
    workspace = context.allocate(bytes);
    try {
      check(JCublas2.cublasCreate(handle), "cublasCreate", "");
    } catch (CudaException e) {
      workspace.close();
      throw e;
    }
    try {
      // In this order: setting the stream takes the workspace away again.
      check(
          JCublas2.cublasSetStream(handle, new cudaStream_t(context.stream())),
          "cublasSetStream",
          "");
      check(
          JCublas2.cublasSetWorkspace(handle, workspace.pointer(), bytes),
          "cublasSetWorkspace",
          "bytes " + bytes);
      check(
          JCublas2.cublasSetPointerMode(handle, cublasPointerMode.CUBLAS_POINTER_MODE_HOST),
          "cublasSetPointerMode",
          "host");
    } catch (CudaException e) {
      close();
      throw e;
    }
  }

  /** 120605 for 12.6.5. */
  public int version() {
    var version = new int[1];
    check(JCublas2.cublasGetVersion(handle, version), "cublasGetVersion", "");
    return version[0];
  }

  /** The file that was loaded, and whether calls reach it through the forwarding library. */
  public String library() {
    return CudaLibrary.CUBLAS.load().toString();
  }

  /**
   * {@code C = alpha op(A) op(B) + beta C}; with beta 0, C is only written.
   *
   * <p>cuBLAS thinks in columns: memory that holds a row-major {@code [m, n]} is to it a {@code [n,
   * m]}, transposed. It is therefore asked for {@code C' = op(B)' op(A)'}: B and m trade places
   * with A and n, each flag stays with its operand, and what comes out is C by rows.
   *
   * @param a the first byte is A's first element; {@code precision} says of which type
   * @param b as {@code a}
   * @param c float32
   * @throws IllegalArgumentException if an operand is shorter than its matrices
   */
  public void gemm(Gemm gemm, float alpha, DeviceSpan a, DeviceSpan b, float beta, DeviceSpan c) {
    int size = gemm.precision() == Precision.BF16 ? Short.BYTES : Float.BYTES;
    checkBytes("A", a, size * gemm.extentA(), gemm);
    checkBytes("B", b, size * gemm.extentB(), gemm);
    checkBytes("C", c, Float.BYTES * gemm.extentC(), gemm);
    // Not this object's: while a thread records, what others multiply must wait.
    synchronized (context) {
      context.makeCurrent();
      multiply(gemm, alpha, a, b, beta, c);
    }
  }

  private void multiply(
      Gemm gemm, float alpha, DeviceSpan a, DeviceSpan b, float beta, DeviceSpan c) {
    factors.put(0, alpha).put(1, beta);
    int input =
        gemm.precision() == Precision.BF16 ? cudaDataType.CUDA_R_16BF : cudaDataType.CUDA_R_32F;
    int compute =
        switch (gemm.precision()) {
          case FP32, BF16 -> cublasComputeType.CUBLAS_COMPUTE_32F;
          case TF32 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32;
        };
    if (gemm.batch() == 1) {
      check(
          JCublas2.cublasGemmEx_new(
              handle,
              operation(gemm.transposeB()),
              operation(gemm.transposeA()),
              gemm.n(),
              gemm.m(),
              gemm.k(),
              this.alpha,
              b.pointer(),
              input,
              gemm.rowB(),
              a.pointer(),
              input,
              gemm.rowA(),
              this.beta,
              c.pointer(),
              cudaDataType.CUDA_R_32F,
              gemm.rowC(),
              compute,
              cublasGemmAlgo.CUBLAS_GEMM_DEFAULT),
          "cublasGemmEx",
          gemm,
          alpha,
          beta);
    } else {
      check(
          JCublas2.cublasGemmStridedBatchedEx_new(
              handle,
              operation(gemm.transposeB()),
              operation(gemm.transposeA()),
              gemm.n(),
              gemm.m(),
              gemm.k(),
              this.alpha,
              b.pointer(),
              input,
              gemm.rowB(),
              gemm.stepB(),
              a.pointer(),
              input,
              gemm.rowA(),
              gemm.stepA(),
              this.beta,
              c.pointer(),
              cudaDataType.CUDA_R_32F,
              gemm.rowC(),
              gemm.stepC(),
              gemm.batch(),
              compute,
              cublasGemmAlgo.CUBLAS_GEMM_DEFAULT),
          "cublasGemmStridedBatchedEx",
          gemm,
          alpha,
          beta);
    }
  }

  private static void checkBytes(String operand, DeviceSpan span, long bytes, Gemm gemm) {
    if (span.bytes() < bytes) {
      throw new IllegalArgumentException(
          "gemm: %s needs %d bytes but has %s: %s".formatted(operand, bytes, span, gemm));
    }
  }

  private static int operation(boolean transposed) {
    return transposed ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  private void check(int status, String call, Gemm gemm, float alpha, float beta) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      check(status, call, gemm + ", alpha " + alpha + ", beta " + beta);
    }
  }

  private void check(int status, String call, String arguments) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw context.libraryFailure(
          status,
          cublasStatus.stringFor(status),
          JCublas2.cublasGetStatusString(status),
          call,
          arguments);
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
    closed = true;
    context.makeCurrent();
    check(JCublas2.cublasDestroy(handle), "cublasDestroy", "");
    workspace.close();
  }
}
