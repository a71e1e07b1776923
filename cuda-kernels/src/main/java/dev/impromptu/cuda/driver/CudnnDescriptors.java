package dev.impromptu.cuda.driver;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.ToIntFunction;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnRNNDataDescriptor;
import jcuda.jcudnn.cudnnRNNDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;

/** Descriptors of cuDNN that are destroyed together; host memory only. */
final class CudnnDescriptors implements AutoCloseable {
  private final Cudnn cudnn;
  private final Deque<Runnable> destructions = new ArrayDeque<>();

  CudnnDescriptors(Cudnn cudnn) {
    this.cudnn = cudnn;
  }

  cudnnTensorDescriptor tensor() {
    return create(
        new cudnnTensorDescriptor(),
        JCudnn::cudnnCreateTensorDescriptor,
        JCudnn::cudnnDestroyTensorDescriptor,
        "TensorDescriptor");
  }

  cudnnFilterDescriptor filter() {
    return create(
        new cudnnFilterDescriptor(),
        JCudnn::cudnnCreateFilterDescriptor,
        JCudnn::cudnnDestroyFilterDescriptor,
        "FilterDescriptor");
  }

  cudnnConvolutionDescriptor convolution() {
    return create(
        new cudnnConvolutionDescriptor(),
        JCudnn::cudnnCreateConvolutionDescriptor,
        JCudnn::cudnnDestroyConvolutionDescriptor,
        "ConvolutionDescriptor");
  }

  cudnnDropoutDescriptor dropout() {
    return create(
        new cudnnDropoutDescriptor(),
        JCudnn::cudnnCreateDropoutDescriptor,
        JCudnn::cudnnDestroyDropoutDescriptor,
        "DropoutDescriptor");
  }

  cudnnRNNDescriptor rnn() {
    return create(
        new cudnnRNNDescriptor(),
        JCudnn::cudnnCreateRNNDescriptor,
        JCudnn::cudnnDestroyRNNDescriptor,
        "RNNDescriptor");
  }

  cudnnRNNDataDescriptor sequence() {
    return create(
        new cudnnRNNDataDescriptor(),
        JCudnn::cudnnCreateRNNDataDescriptor,
        JCudnn::cudnnDestroyRNNDataDescriptor,
        "RNNDataDescriptor");
  }

  private <T> T create(
      T descriptor, ToIntFunction<T> create, ToIntFunction<T> destroy, String kind) {
    cudnn.check(create.applyAsInt(descriptor), "cudnnCreate" + kind, "");
    destructions.push(() -> cudnn.check(destroy.applyAsInt(descriptor), "cudnnDestroy" + kind, ""));
    return descriptor;
  }

  @Override
  public void close() {
    while (!destructions.isEmpty()) {
      destructions.pop().run();
    }
  }
}
