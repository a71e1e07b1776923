package dev.impromptu.cuda.driver;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.Precision;
import java.util.Arrays;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDirectionMode;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnForwardMode;
import jcuda.jcudnn.cudnnRNNBiasMode;
import jcuda.jcudnn.cudnnRNNDataDescriptor;
import jcuda.jcudnn.cudnnRNNDataLayout;
import jcuda.jcudnn.cudnnRNNDescriptor;
import jcuda.jcudnn.cudnnRNNInputMode;
import jcuda.jcudnn.cudnnRNNMode;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnWgradMode;
import org.jspecify.annotations.Nullable;

/**
 * A stack of LSTM layers over sequences of one shape, computed by cuDNN.
 *
 * <p>Sequences are {@code [batch, time, features]} and states {@code [layers, batch, hidden]}, as
 * in the whole library. cuDNN keeps all weights in one piece of memory with a layout of its own:
 * {@link #pack} and {@link #unpack} translate from and to PyTorch's. Its gates are in the same
 * order; the products with the input come first, then those with the hidden state.
 *
 * <p>A training step is {@code forward(true, …)}, {@link #backwardData}, {@link #backwardWeights},
 * with the same weights and the same reserve.
 */
public final class CudnnLstm implements AutoCloseable {
  private static final int GATES = 4;

  /** Allows layouts with a place for every step of every sequence. */
  private static final int PADDED_IO_ENABLED = 1;

  private final Cudnn cudnn;
  private final LstmShape shape;
  private final String description;
  private final cudnnRNNDescriptor rnn;
  private final cudnnRNNDataDescriptor input;
  private final cudnnRNNDataDescriptor output;
  private final cudnnTensorDescriptor state;
  private final CudnnDescriptors descriptors;
  private final DeviceMemory lengths;
  private final long weightBytes;
  private final Spaces inference;
  private final Spaces training;
  private boolean filled;
  private boolean closed;

  /**
   * One layer's weights or gradients in PyTorch's layout, gates in the order input, forget, cell,
   * output.
   *
   * @param inputWeight {@code [4 hidden, input]}
   * @param hiddenWeight {@code [4 hidden, hidden]}
   * @param inputBias {@code [4 hidden]}
   * @param hiddenBias {@code [4 hidden]}
   */
  public record Layer(
      DeviceSpan inputWeight,
      DeviceSpan hiddenWeight,
      DeviceSpan inputBias,
      DeviceSpan hiddenBias) {}

  /** Memory that a call needs beside its operands; {@code reserve} lives until the backward. */
  private record Spaces(long work, long reserve) {}

  /**
   * Prepares a stack of layers.
   *
   * @throws CudaException if this algorithm does not support the shape or the chip
   */
  public CudnnLstm(
      Cudnn cudnn, LstmShape shape, Precision precision, CudnnLstmAlgorithm algorithm) {
    this.cudnn = cudnn;
    descriptors = new CudnnDescriptors(cudnn);
    this.shape = shape;
    description = shape + ", " + precision.optionName() + ", " + algorithm;
    cudnn.handle();
    lengths = cudnn.context().allocate((long) Integer.BYTES * shape.batch());
    try {
      fillLengths();
      rnn = descriptors.rnn();
      describeStack(precision, algorithm);
      input = sequence(shape.inputSize());
      output = sequence(shape.hiddenSize());
      state = state();
      if (algorithm == CudnnLstmAlgorithm.PERSIST_DYNAMIC) {
        check(
            JCudnn.cudnnBuildRNNDynamic(cudnn.handle(), rnn, shape.batch()),
            "cudnnBuildRNNDynamic");
      }
      var bytes = new long[1];
      check(
          JCudnn.cudnnGetRNNWeightSpaceSize(cudnn.handle(), rnn, bytes),
          "cudnnGetRNNWeightSpaceSize");
      weightBytes = bytes[0];
      inference = spaces(cudnnForwardMode.CUDNN_FWD_MODE_INFERENCE);
      training = spaces(cudnnForwardMode.CUDNN_FWD_MODE_TRAINING);
    } catch (CudaException e) {
      descriptors.close();
      lengths.close();
      throw e;
    }
  }

  /** cuDNN before 8.9.1 reads the lengths on the device too; all are the same. */
  private void fillLengths() {
    checkDriver(
        JCudaDriver.cuMemsetD32Async(
            lengths.pointer(), shape.time(), shape.batch(), cudnn.context().stream()),
        "cuMemsetD32Async");
    // What is recorded is a part of that recording alone: other work must fill them again.
    filled = !cudnn.context().isRecording();
  }

  private Pointer lengths() {
    if (!filled) {
      fillLengths();
    }
    return lengths.pointer();
  }

  private void describeStack(Precision precision, CudnnLstmAlgorithm algorithm) {
    cudnnDropoutDescriptor noDropout = descriptors.dropout();
    check(
        JCudnn.cudnnSetDropoutDescriptor(noDropout, cudnn.handle(), 0, Cudnn.orZero(null), 0, 0),
        "cudnnSetDropoutDescriptor");
    check(
        JCudnn.cudnnSetRNNDescriptor_v8(
            rnn,
            algorithm.code(),
            cudnnRNNMode.CUDNN_LSTM,
            cudnnRNNBiasMode.CUDNN_RNN_DOUBLE_BIAS,
            cudnnDirectionMode.CUDNN_UNIDIRECTIONAL,
            cudnnRNNInputMode.CUDNN_LINEAR_INPUT,
            cudnnDataType.CUDNN_DATA_FLOAT,
            cudnnDataType.CUDNN_DATA_FLOAT,
            Cudnn.math(precision),
            shape.inputSize(),
            shape.hiddenSize(),
            shape.hiddenSize(),
            shape.layers(),
            noDropout,
            PADDED_IO_ENABLED),
        "cudnnSetRNNDescriptor_v8");
  }

  private cudnnTensorDescriptor state() {
    cudnnTensorDescriptor tensor = descriptors.tensor();
    int[] sizes = {shape.layers(), shape.batch(), shape.hiddenSize()};
    int[] strides = {shape.batch() * shape.hiddenSize(), shape.hiddenSize(), 1};
    check(
        JCudnn.cudnnSetTensorNdDescriptor(
            tensor, cudnnDataType.CUDNN_DATA_FLOAT, sizes.length, sizes, strides),
        "cudnnSetTensorNdDescriptor");
    return tensor;
  }

  private cudnnRNNDataDescriptor sequence(int features) {
    cudnnRNNDataDescriptor data = descriptors.sequence();
    var steps = new int[shape.batch()];
    Arrays.fill(steps, shape.time());
    check(
        JCudnn.cudnnSetRNNDataDescriptor(
            data,
            cudnnDataType.CUDNN_DATA_FLOAT,
            cudnnRNNDataLayout.CUDNN_RNN_DATA_LAYOUT_BATCH_MAJOR_UNPACKED,
            shape.time(),
            shape.batch(),
            features,
            steps,
            Cudnn.ZERO),
        "cudnnSetRNNDataDescriptor");
    return data;
  }

  private Spaces spaces(int mode) {
    var work = new long[1];
    var reserve = new long[1];
    check(
        JCudnn.cudnnGetRNNTempSpaceSizes(cudnn.handle(), rnn, mode, input, work, reserve),
        "cudnnGetRNNTempSpaceSizes");
    return new Spaces(work[0], reserve[0]);
  }

  /** The size of all weights, or of all their gradients, in cuDNN's layout. */
  public long weightBytes() {
    return weightBytes;
  }

  /** The scratch memory of one call. */
  public long workspaceBytes(boolean training) {
    return training ? this.training.work : inference.work;
  }

  /** What the forward keeps for the backward. */
  public long reserveBytes() {
    return training.reserve;
  }

  /**
   * Copies weights into cuDNN's layout.
   *
   * @param weights {@link #weightBytes()} of memory
   */
  public void pack(List<Layer> layers, DeviceSpan weights) {
    translate(layers, weights, true);
  }

  /** Copies weights or gradients out of cuDNN's layout. */
  public void unpack(DeviceSpan weights, List<Layer> layers) {
    translate(layers, weights, false);
  }

  private void translate(List<Layer> layers, DeviceSpan weights, boolean pack) {
    long biasBytes = (long) Float.BYTES * shape.hiddenSize();
    try (var scratch = new CudnnDescriptors(cudnn)) {
      cudnnTensorDescriptor matrix = scratch.tensor();
      cudnnTensorDescriptor bias = scratch.tensor();
      for (int layer = 0; layer < shape.layers(); layer++) {
        Layer own = layers.get(layer);
        for (int id = 0; id < 2 * GATES; id++) {
          boolean ofInput = id < GATES;
          int columns = ofInput ? shape.inputSize(layer) : shape.hiddenSize();
          var matrixPlace = new CUdeviceptr();
          var biasPlace = new CUdeviceptr();
          check(
              JCudnn.cudnnGetRNNWeightParams(
                  cudnn.handle(),
                  rnn,
                  layer,
                  weightBytes,
                  of("weights", weights, weightBytes),
                  id,
                  matrix,
                  matrixPlace,
                  bias,
                  biasPlace),
              "cudnnGetRNNWeightParams");
          int gate = id % GATES;
          copy(
              ofInput ? own.inputWeight : own.hiddenWeight,
              gate,
              matrixPlace,
              biasBytes * columns,
              pack);
          copy(ofInput ? own.inputBias : own.hiddenBias, gate, biasPlace, biasBytes, pack);
        }
      }
    }
  }

  private void copy(DeviceSpan own, int gate, CUdeviceptr place, long bytes, boolean pack) {
    CUdeviceptr share = own.slice(gate * bytes, bytes).pointer();
    checkDriver(
        JCudaDriver.cuMemcpyDtoDAsync(
            pack ? place : share, pack ? share : place, bytes, cudnn.context().stream()),
        "cuMemcpyDtoDAsync");
  }

  /**
   * A state of the stack, or its gradient.
   *
   * @param hidden {@code [layers, batch, hidden]}
   * @param cell {@code [layers, batch, hidden]}
   */
  public record State(@Nullable DeviceSpan hidden, @Nullable DeviceSpan cell) {
    /** Zeros where it is read, nothing where it would be written. */
    public static final State NONE = new State(null, null);
  }

  /**
   * Memory of cuDNN's own.
   *
   * @param work {@link #workspaceBytes} bytes, free after the call
   * @param reserve {@link #reserveBytes()} bytes; nothing in inference
   */
  public record Scratch(@Nullable DeviceSpan work, @Nullable DeviceSpan reserve) {}

  /**
   * The layers over whole sequences.
   *
   * @param x {@code [batch, time, input]}
   * @param y {@code [batch, time, hidden]}, written
   * @param last written
   */
  public void forward(
      boolean forTraining,
      DeviceSpan weights,
      DeviceSpan x,
      State initial,
      DeviceSpan y,
      State last,
      Scratch scratch) {
    Spaces spaces = forTraining ? training : inference;
    check(
        JCudnn.cudnnRNNForward(
            cudnn.handle(),
            rnn,
            forTraining
                ? cudnnForwardMode.CUDNN_FWD_MODE_TRAINING
                : cudnnForwardMode.CUDNN_FWD_MODE_INFERENCE,
            lengths(),
            input,
            of("x", x, sequenceBytes(shape.inputSize())),
            output,
            of("y", y, sequenceBytes(shape.hiddenSize())),
            state,
            state("initial.hidden", initial.hidden),
            state("last.hidden", last.hidden),
            state,
            state("initial.cell", initial.cell),
            state("last.cell", last.cell),
            weightBytes,
            of("weights", weights, weightBytes),
            spaces.work,
            orZero("workspace", scratch.work, spaces.work),
            spaces.reserve,
            orZero("reserve", scratch.reserve, spaces.reserve)),
        "cudnnRNNForward");
  }

  /**
   * The gradients of input and initial state.
   *
   * @param y what the forward wrote
   * @param dy gradient of {@code y}
   * @param dx {@code [batch, time, input]}, written
   * @param dLast gradient of the last state
   * @param dInitial written
   * @param scratch with the forward's reserve, which this changes
   */
  public void backwardData(
      DeviceSpan weights,
      DeviceSpan y,
      DeviceSpan dy,
      DeviceSpan dx,
      State initial,
      State dLast,
      State dInitial,
      Scratch scratch) {
    check(
        JCudnn.cudnnRNNBackwardData_v8(
            cudnn.handle(),
            rnn,
            lengths(),
            output,
            of("y", y, sequenceBytes(shape.hiddenSize())),
            of("dy", dy, sequenceBytes(shape.hiddenSize())),
            input,
            of("dx", dx, sequenceBytes(shape.inputSize())),
            state,
            state("initial.hidden", initial.hidden),
            state("dLast.hidden", dLast.hidden),
            state("dInitial.hidden", dInitial.hidden),
            state,
            state("initial.cell", initial.cell),
            state("dLast.cell", dLast.cell),
            state("dInitial.cell", dInitial.cell),
            weightBytes,
            of("weights", weights, weightBytes),
            training.work,
            orZero("workspace", scratch.work, training.work),
            training.reserve,
            orZero("reserve", scratch.reserve, training.reserve)),
        "cudnnRNNBackwardData_v8");
  }

  /**
   * The gradients of the weights, after {@link #backwardData} of the same step.
   *
   * @param dWeights {@link #weightBytes()} of memory, written: {@link #unpack} reads it
   */
  public void backwardWeights(
      DeviceSpan x, DeviceSpan y, State initial, DeviceSpan dWeights, Scratch scratch) {
    var handle = cudnn.handle();
    // cuDNN only adds.
    checkDriver(
        JCudaDriver.cuMemsetD8Async(
            dWeights.slice(0, weightBytes).pointer(),
            (byte) 0,
            weightBytes,
            cudnn.context().stream()),
        "cuMemsetD8Async");
    check(
        JCudnn.cudnnRNNBackwardWeights_v8(
            handle,
            rnn,
            cudnnWgradMode.CUDNN_WGRAD_MODE_ADD,
            lengths(),
            input,
            of("x", x, sequenceBytes(shape.inputSize())),
            state,
            state("initial.hidden", initial.hidden),
            output,
            of("y", y, sequenceBytes(shape.hiddenSize())),
            weightBytes,
            of("dWeights", dWeights, weightBytes),
            training.work,
            orZero("workspace", scratch.work, training.work),
            training.reserve,
            orZero("reserve", scratch.reserve, training.reserve)),
        "cudnnRNNBackwardWeights_v8");
  }

  private long sequenceBytes(int features) {
    return (long) Float.BYTES * shape.batch() * shape.time() * features;
  }

  private Pointer of(String operand, DeviceSpan span, long bytes) {
    return Cudnn.checked(operand, span, bytes, description);
  }

  private Pointer state(String operand, @Nullable DeviceSpan span) {
    long bytes = (long) Float.BYTES * shape.layers() * shape.batch() * shape.hiddenSize();
    return orZero(operand, span, bytes);
  }

  private Pointer orZero(String operand, @Nullable DeviceSpan span, long bytes) {
    return Cudnn.checkedOrZero(operand, span, bytes, description);
  }

  private void check(int status, String call) {
    cudnn.check(status, call, description);
  }

  private void checkDriver(int status, String call) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw cudnn.context().failure(status, call, description);
    }
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
    lengths.close();
  }
}
