package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.BlockCopy;
import dev.impromptu.backend.Broadcast;
import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.UnaryOp;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.CudnnConvolution;
import dev.impromptu.cuda.driver.CudnnConvolution.Algorithms;
import dev.impromptu.cuda.driver.DeviceMemory;
import dev.impromptu.cuda.driver.DriverContext;
import dev.impromptu.cuda.driver.Prepared;
import org.jspecify.annotations.Nullable;

/**
 * The convolution by cuDNN, which wants channels before time and zeros in front of the input: both
 * are copied here and back. What it prepares for a shape is kept for the next call.
 */
final class CudnnConvOperations implements ConvOperations {
  private static final int[] SWAPPED = {0, 2, 1};

  private final CudaRuntime runtime;
  private final DriverContext context;
  private final Cudnn cudnn;
  private final ElementwiseKernels elementwise;
  private final Prepared<ConvShape, CudnnConvolution> prepared;

  CudnnConvOperations(CudaRuntime runtime, Cudnn cudnn, ElementwiseKernels elementwise) {
    this.runtime = runtime;
    context = runtime.context();
    this.cudnn = cudnn;
    this.elementwise = elementwise;
    prepared =
        new Prepared<>(context, shape -> prepare(runtime, cudnn, shape), CudnnConvolution::close);
  }

  private static CudnnConvolution prepare(CudaRuntime runtime, Cudnn cudnn, ConvShape shape) {
    return runtime
        .pool()
        .withRoom(
            "cuDNN was to be prepared for " + shape,
            () -> new CudnnConvolution(cudnn, shape, runtime.precision(), Algorithms.REPEATABLE));
  }

  @Override
  public String description() {
    return "cuDNN, %s, as impromptu.cuda.conv=cudnn says; one step at a time by the kernel"
        .formatted(cudnn.library());
  }

  @Override
  public void forward(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      @Nullable Storage added,
      Storage y) {
    synchronized (context) {
      CudnnConvolution conv = prepared.of(shape);
      try (CudaStorage padded = padded(shape, x);
          CudaStorage swapped = output(shape);
          DeviceMemory work = work(conv)) {
        conv.forward(padded.span(), floats(weight).span(), swapped.span(), work.span());
        if (bias != null) {
          conv.addBias(floats(bias).span(), swapped.span());
        }
        elementwise.permute(
            new int[] {shape.batch(), shape.outChannels(), shape.time()}, SWAPPED, swapped, y);
        add(added, y);
      }
    }
  }

  private void add(@Nullable Storage added, Storage to) {
    if (added != null) {
      combine(BinaryOp.ADD, added, to, to);
    }
  }

  private void combine(BinaryOp op, Storage left, Storage right, Storage out) {
    int[] along = {1};
    elementwise.binary(op, new Broadcast(new int[] {out.length()}, along, along), left, right, out);
  }

  @Override
  public void backwardInput(
      ConvShape shape, Storage dy, Storage weight, @Nullable Storage added, Storage dx) {
    synchronized (context) {
      CudnnConvolution conv = prepared.of(shape);
      int steps = shape.history() + shape.time();
      int rows = shape.batch() * shape.inChannels();
      try (CudaStorage swapped = channelsFirst(shape, dy);
          CudaStorage padded = runtime.allocate(DType.FLOAT32, rows * steps);
          CudaStorage cut = runtime.allocate(DType.FLOAT32, rows * shape.time());
          DeviceMemory work = work(conv)) {
        conv.backwardData(floats(weight).span(), swapped.span(), padded.span(), work.span());
        elementwise.copy(
            new BlockCopy(rows, shape.time(), shape.history(), steps, 0, shape.time()),
            padded,
            cut);
        elementwise.permute(
            new int[] {shape.batch(), shape.inChannels(), shape.time()}, SWAPPED, cut, dx);
        add(added, dx);
      }
    }
  }

  @Override
  public void backwardWeight(
      ConvShape shape, Storage x, Storage dy, Storage dWeight, @Nullable Storage dBias) {
    synchronized (context) {
      CudnnConvolution conv = prepared.of(shape);
      try (CudaStorage padded = padded(shape, x);
          CudaStorage swapped = channelsFirst(shape, dy);
          DeviceMemory work = work(conv)) {
        conv.backwardFilter(padded.span(), swapped.span(), floats(dWeight).span(), work.span());
        if (dBias != null) {
          conv.backwardBias(swapped.span(), floats(dBias).span());
        }
      }
    }
  }

  @Override
  public void gated(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      Storage gates,
      Storage y) {
    int rows = shape.batch() * shape.time();
    int half = shape.outChannels() / 2;
    synchronized (context) {
      forward(shape, x, weight, bias, null, gates);
      try (CudaStorage filter = runtime.allocate(DType.FLOAT32, rows * half);
          CudaStorage gate = runtime.allocate(DType.FLOAT32, rows * half)) {
        activate(UnaryOp.TANH, rows, half, 0, gates, filter);
        activate(UnaryOp.SIGMOID, rows, half, half, gates, gate);
        combine(BinaryOp.MULTIPLY, filter, gate, y);
      }
    }
  }

  /** One half of each row, through a contiguous copy. */
  private void activate(
      UnaryOp function, int rows, int half, int offset, Storage gates, CudaStorage part) {
    elementwise.copy(new BlockCopy(rows, half, offset, 2 * half, 0, half), gates, part);
    elementwise.unary(function, part, part);
    elementwise.copy(new BlockCopy(rows, half, 0, half, offset, 2 * half), part, gates);
  }

  /** {@code [batch, time, in]} as {@code [batch, in, history + time]}. */
  private CudaStorage padded(ConvShape shape, Storage x) {
    int steps = shape.history() + shape.time();
    int rows = shape.batch() * shape.inChannels();
    CudaStorage padded = runtime.allocate(DType.FLOAT32, rows * steps);
    try (CudaStorage swapped = runtime.allocate(DType.FLOAT32, rows * shape.time())) {
      elementwise.permute(
          new int[] {shape.batch(), shape.time(), shape.inChannels()}, SWAPPED, x, swapped);
      padded.span().fill(0);
      elementwise.copy(
          new BlockCopy(rows, shape.time(), 0, shape.time(), shape.history(), steps),
          swapped,
          padded);
      return padded;
    } catch (RuntimeException e) {
      padded.close();
      throw e;
    }
  }

  /** {@code [batch, time, out]} as {@code [batch, out, time]}. */
  private CudaStorage channelsFirst(ConvShape shape, Storage dy) {
    CudaStorage swapped = output(shape);
    try {
      elementwise.permute(
          new int[] {shape.batch(), shape.time(), shape.outChannels()}, SWAPPED, dy, swapped);
      return swapped;
    } catch (RuntimeException e) {
      swapped.close();
      throw e;
    }
  }

  private CudaStorage output(ConvShape shape) {
    return runtime.allocate(DType.FLOAT32, shape.batch() * shape.outChannels() * shape.time());
  }

  private DeviceMemory work(CudnnConvolution conv) {
    return runtime.pool().allocate(Math.max(Float.BYTES, conv.workspaceBytes()));
  }

  @Override
  public void close() {
    prepared.close();
  }
}
