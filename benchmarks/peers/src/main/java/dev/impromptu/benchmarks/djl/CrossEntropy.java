package dev.impromptu.benchmarks.djl;

import ai.djl.ndarray.NDArray;

/** PyTorch's {@code cross_entropy}: DJL offers its two halves. */
final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * The mean over everything foretold.
   *
   * @param logits {@code [rows, classes]} or {@code [rows, classes, time]}
   * @param targets {@code [rows]} or {@code [rows, time]}, of 64 bits
   */
  static NDArray of(NDArray logits, NDArray targets) {
    return logits.logSoftmax(1).gather(targets.expandDims(1), 1).mean().neg();
  }
}
