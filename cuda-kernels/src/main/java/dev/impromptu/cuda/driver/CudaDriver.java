package dev.impromptu.cuda.driver;

import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * The CUDA driver of this machine: {@code libcuda.so.1}, or {@code nvcuda.dll}. It comes with
 * NVIDIA's graphics driver; no CUDA toolkit is needed.
 */
public final class CudaDriver {
  private static @Nullable CudaDriver loaded;
  private static @Nullable CudaException failure;

  private CudaDriver() {}

  /**
   * Loads and initialises the driver, once in a process.
   *
   * @throws CudaException if there is none, or it finds no device; the message says which
   */
  public static synchronized CudaDriver load() {
    if (loaded != null) {
      return loaded;
    }
    if (failure != null) {
      // A class whose loading failed once says nothing useful the second time.
      throw CudaException.noDriver(String.valueOf(failure.getMessage()), failure);
    }
    try {
      loadNatives();
      int status = JCudaDriver.cuInit(0);
      if (status != CUresult.CUDA_SUCCESS) {
        throw CudaException.of(status, "cuInit", "");
      }
      loaded = new CudaDriver();
      return loaded;
    } catch (CudaException e) {
      failure = e;
      throw e;
    }
  }

  /** The CUDA version that the driver supports: 13000 for CUDA 13.0. */
  public int version() {
    var version = new int[1];
    int status = JCudaDriver.cuDriverGetVersion(version);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuDriverGetVersion", "");
    }
    return version[0];
  }

  /** How many devices there are. */
  public int deviceCount() {
    var count = new int[1];
    int status = JCudaDriver.cuDeviceGetCount(count);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuDeviceGetCount", "");
    }
    return count[0];
  }

  /**
   * The primary context of a device.
   *
   * @param ordinal from 0 to {@link #deviceCount()} - 1
   */
  public DriverContext open(int ordinal) {
    var device = new CUdevice();
    int status = JCudaDriver.cuDeviceGet(device, ordinal);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuDeviceGet", "ordinal " + ordinal);
    }
    return new DriverContext(device);
  }

  private static void loadNatives() {
    try {
      PrivateDirectory.initialise(JCudaDriver.class.getName());
    } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
      throw missing(e);
    }
  }

  private static CudaException missing(Throwable e) {
    String words = String.valueOf(e.getMessage());
    if (words.contains("libcuda.so") || words.contains("nvcuda.dll")) {
      return CudaException.noDriver(
          "CUDA: the NVIDIA driver's library libcuda.so.1 was not found; install NVIDIA's driver, or use the CPU",
          e);
    }
    String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
    if (words.contains("No resource found")) {
      return CudaException.noDriver(
          "CUDA: JCuda's native library for " + system + " is not on the class path; use the CPU",
          e);
    }
    return CudaException.noDriver("CUDA: JCuda's native library does not load on " + system, e);
  }
}
