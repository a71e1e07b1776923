package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;
import static dev.impromptu.cuda.CudaStorage.ints;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.LaunchShape;

/**
 * The kernels of {@code reduction.cu}. The methods are those of {@link
 * dev.impromptu.backend.Backend}. How an axis is cut follows from the shape alone, so every chip
 * adds up in one order.
 */
final class ReductionKernels {
  private static final int WARP = 32;
  private static final int MOST_WARPS = 8;

  /** Elements for each lane of a row's block, where the row is long enough. */
  private static final int EACH = 4;

  private static final int COLUMN_TILE = 32;
  private static final int COLUMN_THREADS = 256;
  private static final int MOST_BLOCKS = 4096;

  /** Blocks that keep a large chip busy: an axis is cut into no more pieces than reach them. */
  private static final int BUSY = 512;

  /** The shortest pieces of a row, and of columns. */
  private static final int ROW_PIECE = 4096;

  private static final int COLUMN_PIECE = 128;

  private final CudaRuntime runtime;
  private final KernelFamily kernels;

  ReductionKernels(CudaRuntime runtime) {
    this.runtime = runtime;
    kernels = runtime.family("reduction");
  }

  void reduce(ReduceOp op, Reduction reduction, Storage x, Storage y) {
    CudaStorage to = floats(y);
    if (to.length() == 0) {
      return;
    }
    if (reduction.length() == 0) {
      float empty =
          switch (op) {
            case SUM -> 0;
            case MAX -> Float.NEGATIVE_INFINITY;
            case MIN -> Float.POSITIVE_INFINITY;
          };
      to.span().fill(Float.floatToRawIntBits(empty));
      return;
    }
    int chunk = chunk(reduction);
    int pieces = Math.ceilDiv(reduction.length(), chunk);
    if (pieces == 1) {
      launch(op, reduction, 1, chunk, floats(x), to);
    } else {
      try (CudaStorage parts =
          runtime.allocate(DType.FLOAT32, Math.multiplyExact(to.length(), pieces))) {
        launch(op, reduction, pieces, chunk, floats(x), parts);
        var rest = new Reduction(reduction.outer(), pieces, reduction.inner());
        launch(op, rest, 1, pieces, parts, to);
      }
    }
  }

  /** Into pieces of how many elements the axis is cut. */
  static int chunk(Reduction reduction) {
    int outer = reduction.outer();
    int inner = reduction.inner();
    long blocks = (long) outer * Math.ceilDiv(inner, COLUMN_TILE);
    int shortest = inner == 1 ? ROW_PIECE : COLUMN_PIECE;
    long pieces = Math.clamp(BUSY / blocks, 1, Math.ceilDiv(reduction.length(), shortest));
    return Math.toIntExact(Math.ceilDiv(reduction.length(), pieces));
  }

  private void launch(
      ReduceOp op, Reduction reduction, int pieces, int chunk, CudaStorage x, CudaStorage y) {
    int results = Math.multiplyExact(reduction.outer(), pieces);
    if (reduction.inner() == 1) {
      kernels.launch(
          "reduce_rows",
          rows(results, chunk),
          op.ordinal(),
          x,
          y,
          reduction.outer(),
          pieces,
          reduction.length(),
          chunk);
    } else {
      kernels.launch(
          "reduce_columns",
          columns(results, reduction.inner()),
          op.ordinal(),
          x,
          y,
          reduction.outer(),
          pieces,
          reduction.length(),
          chunk,
          reduction.inner());
    }
  }

  /** Blocks of a tile of columns along x, of results along y; they stride over what is beyond. */
  static LaunchShape columns(int results, int inner) {
    return new LaunchShape(
        Math.ceilDiv(inner, COLUMN_TILE), Math.min(results, MOST_BLOCKS), COLUMN_THREADS, 0);
  }

  void argMax(int columns, Storage x, Storage indices) {
    int rows = indices.length();
    if (rows > 0) {
      kernels.launch("arg_max", rows(rows, columns), floats(x), ints(indices), rows, columns);
    }
  }

  /** A block for each row, as wide as the row makes use of; blocks stride over what is beyond. */
  static LaunchShape rows(int rows, int length) {
    int warps = Math.clamp(Math.ceilDiv(length, WARP * EACH), 1, MOST_WARPS);
    return LaunchShape.of(Math.min(rows, MOST_BLOCKS), warps * WARP);
  }
}
