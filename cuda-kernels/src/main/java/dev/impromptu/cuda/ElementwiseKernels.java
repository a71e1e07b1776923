package dev.impromptu.cuda;

import dev.impromptu.cuda.driver.CudaFunction;
import dev.impromptu.cuda.driver.CudaModule;
import dev.impromptu.cuda.driver.DeviceMemory;
import dev.impromptu.cuda.driver.DriverContext;
import dev.impromptu.cuda.driver.KernelArguments;
import dev.impromptu.cuda.driver.LaunchShape;

/** The kernels of {@code elementwise.cu}. */
final class ElementwiseKernels implements AutoCloseable {
  private final CudaModule module;
  private final CudaFunction biasRelu;

  ElementwiseKernels(DriverContext context) {
    module = context.load(Kernels.ptx("elementwise"));
    biasRelu = module.function("bias_relu");
  }

  /**
   * {@code y[r, c] = max(x[r, c] + bias[c], 0)}; NaN stays NaN.
   *
   * @param x {@code [rows, channels]}
   * @param bias {@code [channels]}
   * @param y {@code [rows, channels]}; may be {@code x}
   */
  void biasRelu(DeviceMemory x, DeviceMemory bias, DeviceMemory y, int rows, int channels) {
    int count = Math.multiplyExact(rows, channels);
    var arguments = new KernelArguments().add(x).add(bias).add(y).add(count).add(channels);
    biasRelu.launch(LaunchShape.covering(count), arguments);
  }

  @Override
  public void close() {
    module.close();
  }
}
