package dev.impromptu.cuda.driver;

import java.io.Serial;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** A call of the CUDA driver, cuBLAS or cuDNN that failed, or one of them that is not there. */
public final class CudaException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  // Of cuda.h; JCuda 12.6 has no names for them.
  private static final int CONTAINED = 226;
  private static final int TENSOR_MEMORY_LEAK = 721;

  private final int code;

  private CudaException(String message, int code, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  private CudaException(String message, int code) {
    super(message);
    this.code = code;
  }

  /**
   * The failure of one call.
   *
   * @param code what the driver returned
   * @param call the function's name, {@code cuMemAlloc}
   * @param arguments what it was called with, as a reader wants it: {@code bytes 4096}
   */
  static CudaException of(int code, String call, String arguments) {
    return new CudaException(sentence(code, call, arguments, meaning(code)), code);
  }

  /**
   * The failure of one call on a device.
   *
   * @param meaning from {@link #meaning}
   * @param state of the device, {@code NVIDIA H200, 1.2 GiB of 139.7 GiB free}
   */
  static CudaException of(int code, String call, String arguments, String meaning, String state) {
    return new CudaException(sentence(code, call, arguments, meaning) + " [" + state + "]", code);
  }

  private static String sentence(int code, String call, String arguments, String meaning) {
    return call + "(" + arguments + "): " + CUresult.stringFor(code) + " (" + code + ")" + meaning;
  }

  /** What the driver says about a status, after a colon; empty where it says nothing. */
  static String meaning(int code) {
    var text = new String[1];
    return JCudaDriver.cuGetErrorString(code, text) == CUresult.CUDA_SUCCESS ? ": " + text[0] : "";
  }

  /** A call that was not made, because an earlier failure left the context of no use. */
  static CudaException after(CudaException first) {
    return new CudaException(
        "CUDA: the device is of no use since an earlier failure; close every cuda device and open"
            + " it again, and where that fails too, start the program anew. The failure was "
            + first.getMessage(),
        first.code,
        first);
  }

  /**
   * The failure of one call of cuBLAS or cuDNN.
   *
   * @param status what the library returned
   * @param name the status as its header calls it, {@code CUBLAS_STATUS_INVALID_VALUE}
   * @param meaning what the library says about it
   * @param state of the device
   */
  static CudaException ofLibrary(
      int status, String name, String meaning, String call, String arguments, String state) {
    return new CudaException(
        "%s(%s): %s (%d): %s [%s]".formatted(call, arguments, name, status, meaning, state),
        status);
  }

  /** No call could be made at all: the driver or a library beside it is not there. */
  static CudaException noDriver(String reason, @Nullable Throwable cause) {
    return new CudaException(reason, -1, cause);
  }

  /** Whether a status means that the context can never be used again. */
  static boolean isFatal(int code) {
    return switch (code) {
      case CUresult.CUDA_ERROR_DEINITIALIZED,
          CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE,
          CUresult.CUDA_ERROR_NO_DEVICE,
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_FAILED,
          CUresult.CUDA_ERROR_EXTERNAL_DEVICE,
          CUresult.CUDA_ERROR_MPS_CLIENT_TERMINATED,
          CONTAINED,
          TENSOR_MEMORY_LEAK,
          CUresult.CUDA_ERROR_UNKNOWN ->
          true;
      default -> false;
    };
  }

  /** Whether the device had too little memory left. */
  public boolean isOutOfMemory() {
    return code == CUresult.CUDA_ERROR_OUT_OF_MEMORY;
  }

  /**
   * The driver's {@code CUresult}, or the status of cuBLAS or cuDNN in a failure of theirs; -1
   * where the driver or library is missing.
   */
  public int code() {
    return code;
  }
}
