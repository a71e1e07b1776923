package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.LaunchShape;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of {@code layer_norm.cu}. The methods are those of {@link
 * dev.impromptu.backend.Backend}. Who sums a row, and how the rows are cut for the gradients of the
 * parameters, follows from the shape alone, so every chip adds up in one order.
 */
final class LayerNormKernels {
  private static final int MOMENTS = 3;
  private static final int THREADS = 256;
  private static final int WARPS = 8;
  private static final int COLUMN_TILE = 32;
  private static final int MOST_BLOCKS = 4096;

  /** The longest row that a warp takes; a block takes a longer one. */
  private static final int WARP_WIDTH = 512;

  private final CudaRuntime runtime;
  private final KernelFamily kernels;
  private final ReductionKernels reductions;

  LayerNormKernels(CudaRuntime runtime, ReductionKernels reductions) {
    this.runtime = runtime;
    this.reductions = reductions;
    kernels = runtime.family("layer_norm");
  }

  void forward(
      double epsilon, Storage x, Storage weight, Storage bias, Storage y, Storage moments) {
    int width = weight.length();
    int rows = moments.length() / MOMENTS;
    if (rows > 0) {
      kernels.launch(
          width <= WARP_WIDTH ? "layer_norm_warps" : "layer_norm_blocks",
          rows(rows, width),
          floats(x),
          floats(weight),
          floats(bias),
          floats(y),
          floats(moments),
          rows,
          width,
          (float) epsilon);
    }
  }

  void backward(
      Storage x,
      Storage weight,
      Storage moments,
      Storage dy,
      @Nullable Storage dx,
      Storage dWeight,
      Storage dBias) {
    int width = weight.length();
    int rows = moments.length() / MOMENTS;
    if (dx != null && rows > 0) {
      kernels.launch(
          width <= WARP_WIDTH ? "layer_norm_backward_warps" : "layer_norm_backward_blocks",
          rows(rows, width),
          floats(x),
          floats(weight),
          floats(moments),
          floats(dy),
          floats(dx),
          rows,
          width);
    }
    var all = new Reduction(1, rows, width);
    if (rows == 0) {
      reductions.reduce(ReduceOp.SUM, all, dy, dWeight);
      reductions.reduce(ReduceOp.SUM, all, dy, dBias);
      return;
    }
    int chunk = ReductionKernels.chunk(all);
    int pieces = Math.ceilDiv(rows, chunk);
    if (pieces == 1) {
      parameters(x, moments, dy, floats(dWeight), floats(dBias), rows, chunk, width);
      return;
    }
    int length = Math.multiplyExact(pieces, width);
    var parts = new Reduction(1, pieces, width);
    try (CudaStorage weights = runtime.allocate(DType.FLOAT32, length);
        CudaStorage biases = runtime.allocate(DType.FLOAT32, length)) {
      parameters(x, moments, dy, weights, biases, rows, chunk, width);
      reductions.reduce(ReduceOp.SUM, parts, weights, dWeight);
      reductions.reduce(ReduceOp.SUM, parts, biases, dBias);
    }
  }

  private void parameters(
      Storage x,
      Storage moments,
      Storage dy,
      CudaStorage dWeight,
      CudaStorage dBias,
      int rows,
      int chunk,
      int width) {
    kernels.launch(
        "layer_norm_parameters",
        new LaunchShape(Math.ceilDiv(width, COLUMN_TILE), Math.ceilDiv(rows, chunk), THREADS, 0),
        floats(x),
        floats(moments),
        floats(dy),
        dWeight,
        dBias,
        rows,
        chunk,
        width);
  }

  /** A warp or a block for each row; they stride over what is beyond. */
  static LaunchShape rows(int rows, int width) {
    int blocks = width <= WARP_WIDTH ? Math.ceilDiv(rows, WARPS) : rows;
    return LaunchShape.of(Math.min(blocks, MOST_BLOCKS), THREADS);
  }
}
