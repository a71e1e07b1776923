package dev.impromptu.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * The primary context of one device: what memory and modules belong to. Any thread may use it;
 * closing it ends whatever was allocated in it.
 */
public final class DriverContext implements AutoCloseable {
  /** Copies go through page-locked memory in pieces of this size. */
  static final int STAGING_BYTES = 1 << 20;

  private final CUdevice device;
  private final CUcontext context = new CUcontext();
  private @Nullable Pointer staging;
  private boolean closed;

  DriverContext(CUdevice device) {
    this.device = device;
    int status = JCudaDriver.cuDevicePrimaryCtxRetain(context, device);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuDevicePrimaryCtxRetain", device.toString());
    }
  }

  /** The device's name as its maker gives it. */
  public String deviceName() {
    var name = new byte[256];
    int status = JCudaDriver.cuDeviceGetName(name, name.length, device);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuDeviceGetName", device.toString());
    }
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return new String(name, 0, length, StandardCharsets.UTF_8);
  }

  /** The compute capability, as in {@code sm_75}: 75. */
  public int computeCapability() {
    return 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
        + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  /** How many streaming multiprocessors the device has. */
  public int multiprocessors() {
    return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  }

  private int attribute(int attribute) {
    var value = new int[1];
    int status = JCudaDriver.cuDeviceGetAttribute(value, attribute, device);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(
          status, "cuDeviceGetAttribute", CUdevice_attribute.stringFor(attribute));
    }
    return value[0];
  }

  /** Memory on the device; what stands in it is undefined. */
  public DeviceMemory allocate(long bytes) {
    makeCurrent();
    return new DeviceMemory(this, bytes);
  }

  /**
   * Compiles kernels for this device.
   *
   * @param ptx the text of a PTX file
   */
  public CudaModule load(String ptx) {
    makeCurrent();
    return new CudaModule(this, ptx);
  }

  /**
   * Waits for everything that was launched; the error of a kernel arrives here or at the next copy.
   */
  public void synchronize() {
    makeCurrent();
    int status = JCudaDriver.cuCtxSynchronize();
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuCtxSynchronize", "");
    }
  }

  /**
   * The driver keeps a current context for each thread, so every call that needs one comes here
   * first.
   */
  void makeCurrent() {
    if (closed) {
      throw new IllegalStateException("CUDA: the context of " + device + " is closed");
    }
    int status = JCudaDriver.cuCtxSetCurrent(context);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuCtxSetCurrent", device.toString());
    }
  }

  /**
   * Page-locked memory to copy through; hold this context's monitor while it is used. JCuda could
   * copy from a Java array, but pins it, and JDK 25.0.0 to 25.0.2 could move pinned arrays
   * (JDK-8377811).
   */
  Pointer staging() {
    if (staging == null) {
      var pointer = new Pointer();
      int status = JCudaDriver.cuMemAllocHost(pointer, STAGING_BYTES);
      if (status != CUresult.CUDA_SUCCESS) {
        throw CudaException.of(status, "cuMemAllocHost", "bytes " + STAGING_BYTES);
      }
      staging = pointer;
    }
    return staging;
  }

  /** The bytes behind {@link #staging()}. */
  static ByteBuffer bytes(Pointer staging) {
    return staging.getByteBuffer(0, STAGING_BYTES);
  }

  /** Whether what was allocated here is gone. */
  boolean isClosed() {
    return closed;
  }

  /** Works after the error of a kernel too, which leaves the context unusable. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (staging != null) {
      // A broken context refuses even this; its end, below, is what matters.
      JCudaDriver.cuCtxSetCurrent(context);
      JCudaDriver.cuMemFreeHost(staging);
      staging = null;
    }
    int status = JCudaDriver.cuDevicePrimaryCtxRelease(device);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuDevicePrimaryCtxRelease", device.toString());
    }
  }
}
