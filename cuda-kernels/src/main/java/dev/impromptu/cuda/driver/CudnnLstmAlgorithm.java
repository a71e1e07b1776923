package dev.impromptu.cuda.driver;

import jcuda.jcudnn.cudnnRNNAlgo;

/**
 * How cuDNN computes a recurrent layer. What it does not support for a shape or chip it refuses.
 */
public enum CudnnLstmAlgorithm {
  /** A product and a pointwise kernel for each step; any shape. */
  STANDARD(cudnnRNNAlgo.CUDNN_RNN_ALGO_STANDARD),
  /** One kernel for all steps that keeps the recurrent weights on the chip; small batches. */
  PERSIST_STATIC(cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_STATIC),
  /** The same, compiled for the shape when it is first prepared. */
  PERSIST_DYNAMIC(cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_DYNAMIC),
  /** One kernel for all steps for small hidden sizes. */
  PERSIST_STATIC_SMALL_H(cudnnRNNAlgo.CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H);

  private final int code;

  CudnnLstmAlgorithm(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
