package dev.impromptu.cuda.driver;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Precision;
import java.util.function.ToIntFunction;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import org.jspecify.annotations.Nullable;

/**
 * The causal dilated convolution of one shape, computed by cuDNN.
 *
 * <p>cuDNN wants channels before time: its tensors are {@code [batch, channels, time]}, and the
 * input has {@code history} steps of zeros before the first, {@code [batch, in, history + time]}
 * (cuDNN pads both ends or none). Weights are PyTorch's {@code [out, in, kernel]}.
 */
public final class CudnnConvolution implements AutoCloseable {
  /**
   * Which of cuDNN's algorithms computes what, by its numbers.
   *
   * @param forward {@code CUDNN_CONVOLUTION_FWD_ALGO}, 0 to 7
   * @param backwardData {@code CUDNN_CONVOLUTION_BWD_DATA_ALGO}, 0 to 5; 0 repeats no bits
   * @param backwardFilter {@code CUDNN_CONVOLUTION_BWD_FILTER_ALGO}, 0 to 6; 0 and 3 repeat no bits
   */
  public record Algorithms(int forward, int backwardData, int backwardFilter) {
    /** Implicit products throughout: they take any dilation, and two runs give the same bits. */
    public static final Algorithms REPEATABLE = new Algorithms(1, 1, 1);
  }

  private final Cudnn cudnn;
  private final Algorithms algorithms;
  private final String description;
  private final cudnnTensorDescriptor input;
  private final cudnnTensorDescriptor output;
  private final cudnnTensorDescriptor channels;
  private final cudnnFilterDescriptor filter;
  private final cudnnConvolutionDescriptor convolution;
  private final CudnnDescriptors descriptors;
  private final Bytes bytes;
  private final long forwardBytes;
  private final long backwardDataBytes;
  private final long backwardFilterBytes;
  private boolean closed;

  /** The sizes of the operands. */
  private record Bytes(long input, long weight, long output, long channels) {
    static Bytes of(ConvShape shape) {
      long sequences = (long) Float.BYTES * shape.batch();
      return new Bytes(
          sequences * shape.inChannels() * (shape.history() + shape.time()),
          (long) Float.BYTES * shape.outChannels() * shape.inChannels() * shape.kernel(),
          sequences * shape.outChannels() * shape.time(),
          (long) Float.BYTES * shape.outChannels());
    }
  }

  /**
   * Prepares a convolution.
   *
   * @throws CudaException if an algorithm does not support the shape or the chip
   */
  public CudnnConvolution(
      Cudnn cudnn, ConvShape shape, Precision precision, Algorithms algorithms) {
    this.cudnn = cudnn;
    descriptors = new CudnnDescriptors(cudnn);
    this.algorithms = algorithms;
    description = shape + ", " + precision.optionName() + ", " + algorithms;
    bytes = Bytes.of(shape);
    cudnn.handle();
    try {
      input = tensor(shape.batch(), shape.inChannels(), shape.history() + shape.time());
      output = tensor(shape.batch(), shape.outChannels(), shape.time());
      channels = tensor(1, shape.outChannels(), 1);
      filter = descriptors.filter();
      convolution = descriptors.convolution();
      describe(shape, precision);
      forwardBytes =
          workspace(
              "Forward",
              size ->
                  JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
                      cudnn.handle(),
                      input,
                      filter,
                      convolution,
                      output,
                      algorithms.forward,
                      size));
      backwardDataBytes =
          workspace(
              "BackwardData",
              size ->
                  JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
                      cudnn.handle(),
                      filter,
                      output,
                      convolution,
                      input,
                      algorithms.backwardData,
                      size));
      backwardFilterBytes =
          workspace(
              "BackwardFilter",
              size ->
                  JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
                      cudnn.handle(),
                      input,
                      output,
                      convolution,
                      filter,
                      algorithms.backwardFilter,
                      size));
    } catch (CudaException e) {
      descriptors.close();
      throw e;
    }
  }

  private void describe(ConvShape shape, Precision precision) {
    check(
        JCudnn.cudnnSetFilter4dDescriptor(
            filter,
            cudnnDataType.CUDNN_DATA_FLOAT,
            cudnnTensorFormat.CUDNN_TENSOR_NCHW,
            shape.outChannels(),
            shape.inChannels(),
            1,
            shape.kernel()),
        "cudnnSetFilter4dDescriptor");
    check(
        JCudnn.cudnnSetConvolution2dDescriptor(
            convolution,
            0,
            0,
            1,
            1,
            1,
            shape.dilation(),
            cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
            cudnnDataType.CUDNN_DATA_FLOAT),
        "cudnnSetConvolution2dDescriptor");
    check(
        JCudnn.cudnnSetConvolutionMathType(convolution, Cudnn.math(precision)),
        "cudnnSetConvolutionMathType");
  }

  private long workspace(String direction, ToIntFunction<long[]> ask) {
    var size = new long[1];
    check(ask.applyAsInt(size), "cudnnGetConvolution" + direction + "WorkspaceSize");
    return size[0];
  }

  private cudnnTensorDescriptor tensor(int batch, int channels, int time) {
    cudnnTensorDescriptor tensor = descriptors.tensor();
    check(
        JCudnn.cudnnSetTensor4dDescriptor(
            tensor,
            cudnnTensorFormat.CUDNN_TENSOR_NCHW,
            cudnnDataType.CUDNN_DATA_FLOAT,
            batch,
            channels,
            1,
            time),
        "cudnnSetTensor4dDescriptor");
    return tensor;
  }

  /** The scratch memory that is enough for each of the three computations. */
  public long workspaceBytes() {
    return Math.max(forwardBytes, Math.max(backwardDataBytes, backwardFilterBytes));
  }

  /**
   * The convolution, without bias.
   *
   * @param x {@code [batch, in, history + time]}
   * @param weight {@code [out, in, kernel]}
   * @param y {@code [batch, out, time]}, written
   * @param work {@link #workspaceBytes()} bytes
   */
  public void forward(DeviceSpan x, DeviceSpan weight, DeviceSpan y, @Nullable DeviceSpan work) {
    check(
        JCudnn.cudnnConvolutionForward(
            cudnn.handle(),
            Cudnn.ONE,
            input,
            of("x", x, bytes.input),
            filter,
            of("weight", weight, bytes.weight),
            convolution,
            algorithms.forward,
            Cudnn.checkedOrZero("workspace", work, forwardBytes, description),
            forwardBytes,
            Cudnn.ZERO,
            output,
            of("y", y, bytes.output)),
        "cudnnConvolutionForward");
  }

  /**
   * Adds the bias to a result.
   *
   * @param bias {@code [out]}
   * @param y {@code [batch, out, time]}
   */
  public void addBias(DeviceSpan bias, DeviceSpan y) {
    check(
        JCudnn.cudnnAddTensor(
            cudnn.handle(),
            Cudnn.ONE,
            channels,
            of("bias", bias, bytes.channels),
            Cudnn.ONE,
            output,
            of("y", y, bytes.output)),
        "cudnnAddTensor");
  }

  /**
   * The gradient of the input, of the zeros before it too.
   *
   * @param dy {@code [batch, out, time]}
   * @param dx {@code [batch, in, history + time]}, written
   */
  public void backwardData(
      DeviceSpan weight, DeviceSpan dy, DeviceSpan dx, @Nullable DeviceSpan work) {
    check(
        JCudnn.cudnnConvolutionBackwardData(
            cudnn.handle(),
            Cudnn.ONE,
            filter,
            of("weight", weight, bytes.weight),
            output,
            of("dy", dy, bytes.output),
            convolution,
            algorithms.backwardData,
            Cudnn.checkedOrZero("workspace", work, backwardDataBytes, description),
            backwardDataBytes,
            Cudnn.ZERO,
            input,
            of("dx", dx, bytes.input)),
        "cudnnConvolutionBackwardData");
  }

  /**
   * The gradient of the weights.
   *
   * @param x {@code [batch, in, history + time]}
   * @param dy {@code [batch, out, time]}
   * @param dWeight {@code [out, in, kernel]}, written
   */
  public void backwardFilter(
      DeviceSpan x, DeviceSpan dy, DeviceSpan dWeight, @Nullable DeviceSpan work) {
    check(
        JCudnn.cudnnConvolutionBackwardFilter(
            cudnn.handle(),
            Cudnn.ONE,
            input,
            of("x", x, bytes.input),
            output,
            of("dy", dy, bytes.output),
            convolution,
            algorithms.backwardFilter,
            Cudnn.checkedOrZero("workspace", work, backwardFilterBytes, description),
            backwardFilterBytes,
            Cudnn.ZERO,
            filter,
            of("dWeight", dWeight, bytes.weight)),
        "cudnnConvolutionBackwardFilter");
  }

  /**
   * The gradient of the bias.
   *
   * @param dy {@code [batch, out, time]}
   * @param dBias {@code [out]}, written
   */
  public void backwardBias(DeviceSpan dy, DeviceSpan dBias) {
    check(
        JCudnn.cudnnConvolutionBackwardBias(
            cudnn.handle(),
            Cudnn.ONE,
            output,
            of("dy", dy, bytes.output),
            Cudnn.ZERO,
            channels,
            of("dBias", dBias, bytes.channels)),
        "cudnnConvolutionBackwardBias");
  }

  private Pointer of(String operand, DeviceSpan span, long size) {
    return Cudnn.checked(operand, span, size, description);
  }

  private void check(int status, String call) {
    cudnn.check(status, call, description);
  }

  /** The stream's work must have ended; after its context's end there is nothing left to do. */
  @Override
  public void close() {
    if (closed || cudnn.context().isClosed()) {
      return;
    }
    closed = true;
    // Descriptors are the host's: they go where the device is of no use any more, too.
    if (cudnn.context().isUsable()) {
      cudnn.context().makeCurrent();
    }
    descriptors.close();
  }
}
