package dev.impromptu.cuda.driver;

import java.io.Serial;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A call of the CUDA driver that failed, or a driver that is not there. */
public final class CudaException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final int code;

  private CudaException(String message, int code, Throwable cause) {
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
    var text = new String[1];
    String meaning =
        JCudaDriver.cuGetErrorString(code, text) == CUresult.CUDA_SUCCESS ? ": " + text[0] : "";
    return new CudaException(
        call + "(" + arguments + "): " + CUresult.stringFor(code) + " (" + code + ")" + meaning,
        code);
  }

  /** No call could be made at all. */
  static CudaException noDriver(String reason, Throwable cause) {
    return new CudaException(reason, -1, cause);
  }

  /** The driver's {@code CUresult}, or -1 where the driver itself is missing. */
  public int code() {
    return code;
  }
}
