package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;
import static dev.impromptu.cuda.CudaStorage.ints;

import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.LaunchShape;

/**
 * The kernels of {@code cross_entropy.cu}. The methods are those of {@link
 * dev.impromptu.backend.Backend}; a target that is no class is reported at the next read.
 */
final class CrossEntropyKernels {
  private final CudaRuntime runtime;
  private final KernelFamily kernels;

  CrossEntropyKernels(CudaRuntime runtime) {
    this.runtime = runtime;
    kernels = runtime.family("cross_entropy");
  }

  void crossEntropy(
      int classes, Storage logits, Storage targets, Storage probabilities, Storage losses) {
    int rows = targets.length();
    if (rows > 0) {
      kernels.launch(
          "cross_entropy",
          ReductionKernels.rows(rows, classes),
          floats(logits),
          ints(targets),
          floats(probabilities),
          floats(losses),
          rows,
          classes,
          runtime.fault());
    }
  }

  void crossEntropyBackward(
      int classes, Storage probabilities, Storage targets, Storage dLosses, Storage dLogits) {
    int rows = targets.length();
    if (rows > 0 && classes > 0) {
      kernels.launch(
          "cross_entropy_backward",
          LaunchShape.covering(Math.multiplyExact(rows, classes)),
          floats(probabilities),
          ints(targets),
          floats(dLosses),
          floats(dLogits),
          rows,
          classes,
          runtime.fault());
    }
  }
}
