package dev.impromptu.cuda.driver;

import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** One kernel, ready to be launched. */
public final class CudaFunction {
  /**
   * What every chip gives a block without being asked. Static shared memory counts towards it; of
   * that, kernels with dynamic shared memory here have 16 bytes.
   */
  private static final int SHARED_BYTES = 48 << 10;

  private final DriverContext context;
  private final String name;
  private final CUfunction function;
  private int sharedBytes = SHARED_BYTES;

  CudaFunction(DriverContext context, String name, CUfunction function) {
    this.context = context;
    this.name = name;
    this.function = function;
  }

  /**
   * Launches the kernel; it runs when the device comes to it.
   *
   * @param shape how many threads
   * @param arguments in the order of the kernel's parameters and of exactly their types, which
   *     nothing can check
   */
  public void launch(LaunchShape shape, KernelArguments arguments) {
    synchronized (context) {
      context.makeCurrent();
      if (shape.sharedBytes() > sharedBytes) {
        allowShared(shape.sharedBytes());
      }
      int status =
          JCudaDriver.cuLaunchKernel(
              function,
              shape.blocks(),
              shape.rows(),
              1,
              shape.threads(),
              1,
              1,
              shape.sharedBytes(),
              context.stream(),
              arguments.pack(),
              null);
      if (status != CUresult.CUDA_SUCCESS) {
        throw context.failure(status, "cuLaunchKernel", name + ", " + shape + ", " + arguments);
      }
    }
  }

  private void allowShared(int bytes) {
    int status =
        JCudaDriver.cuFuncSetAttribute(
            function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes);
    if (status != CUresult.CUDA_SUCCESS) {
      throw context.failure(
          status, "cuFuncSetAttribute", name + ", dynamic shared memory of " + bytes + " bytes");
    }
    sharedBytes = bytes;
  }

  /** The most threads that a block of it can have. */
  public int maxThreads() {
    return attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
  }

  /** How many registers a thread of it takes. */
  public int registers() {
    return attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS);
  }

  /** How many bytes a thread of it keeps in slow memory, for want of registers. */
  public int spilledBytes() {
    return attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
  }

  private int attribute(int attribute) {
    synchronized (context) {
      context.makeCurrent();
      var value = new int[1];
      int status = JCudaDriver.cuFuncGetAttribute(value, attribute, function);
      if (status != CUresult.CUDA_SUCCESS) {
        throw context.failure(
            status, "cuFuncGetAttribute", name + ", " + CUfunction_attribute.stringFor(attribute));
      }
      return value[0];
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
