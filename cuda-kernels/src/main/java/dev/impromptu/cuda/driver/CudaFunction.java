package dev.impromptu.cuda.driver;

import jcuda.driver.CUfunction;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** One kernel, ready to be launched. */
public final class CudaFunction {
  private final DriverContext context;
  private final String name;
  private final CUfunction function;

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
    context.makeCurrent();
    int status =
        JCudaDriver.cuLaunchKernel(
            function,
            shape.blocks(),
            1,
            1,
            shape.threads(),
            1,
            1,
            shape.sharedBytes(),
            null,
            arguments.pack(),
            null);
    if (status != CUresult.CUDA_SUCCESS) {
      throw CudaException.of(status, "cuLaunchKernel", name + ", " + shape + ", " + arguments);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
