package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.LaunchShape;

/** The kernel of {@code dropout.cu}. */
final class DropoutKernels {
  private final CudaRuntime runtime;
  private final KernelFamily kernels;

  DropoutKernels(CudaRuntime runtime) {
    this.runtime = runtime;
    kernels = runtime.family("dropout");
  }

  /**
   * {@link dev.impromptu.backend.Backend#dropout}.
   *
   * @param key its step is not read from here but from {@link CudaRuntime#step}, which the caller
   *     has set
   */
  void dropout(double rate, PhiloxKey key, Storage x, Storage y) {
    if (y.length() == 0) {
      return;
    }
    // fraction * 2^-24 >= rate, in integers and therefore exactly.
    int threshold = (int) Math.ceil(rate * 0x1p24);
    kernels.launch(
        "dropout",
        LaunchShape.covering(Math.ceilDiv(y.length(), 4)),
        floats(x),
        floats(y),
        y.length(),
        (float) (1 - rate),
        threshold,
        (int) key.seed(),
        (int) (key.seed() >>> Integer.SIZE),
        key.call(),
        runtime.step());
  }
}
