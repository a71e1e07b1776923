package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.BlockCopy;
import dev.impromptu.backend.Broadcast;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.UnaryOp;
import dev.impromptu.cuda.driver.LaunchShape;

/**
 * The kernels of {@code elementwise.cu}: functions of one and of two arguments, copies and changes
 * of layout. The methods are those of {@link dev.impromptu.backend.Backend}.
 */
final class ElementwiseKernels {
  /** Axes that a kernel walks; shapes that stay longer when merged are cut along the outermost. */
  private static final int AXES = 4;

  private static final int THREADS = 256;
  private static final int TILE = 32;

  private final KernelFamily kernels;

  ElementwiseKernels(CudaRuntime runtime) {
    kernels = runtime.family("elementwise");
  }

  void fill(Storage target, double value) {
    CudaStorage to = CudaStorage.any(target);
    if (to.length() > 0) {
      to.span()
          .fill(
              to.type() == DType.INT32
                  ? (int) Math.round(value)
                  : Float.floatToRawIntBits((float) value));
    }
  }

  void copy(BlockCopy blocks, Storage source, Storage target) {
    if (blocks.count() == 0 || blocks.length() == 0) {
      return;
    }
    boolean dense =
        blocks.count() == 1
            || (blocks.sourceStride() == blocks.length()
                && blocks.targetStride() == blocks.length());
    int last = blocks.count() - 1;
    CudaStorage from =
        CudaStorage.any(source)
            .slice(blocks.sourceOffset(), last * blocks.sourceStride() + blocks.length());
    CudaStorage to =
        CudaStorage.any(target)
            .slice(blocks.targetOffset(), last * blocks.targetStride() + blocks.length());
    if (dense) {
      to.span().copyFrom(from.span());
    } else {
      kernels.launch(
          "copy_runs",
          LaunchShape.covering(Math.multiplyExact(blocks.count(), blocks.length())),
          from,
          to,
          blocks.count(),
          blocks.length(),
          blocks.sourceStride(),
          blocks.targetStride());
    }
  }

  void permute(int[] shape, int[] order, Storage source, Storage target) {
    CudaStorage to = CudaStorage.any(target);
    if (to.length() == 0) {
      return;
    }
    var sizes = new int[shape.length];
    var strides = new int[shape.length];
    for (int axis = 0; axis < shape.length; axis++) {
      sizes[axis] = shape[order[axis]];
      int stride = 1;
      for (int behind = order[axis] + 1; behind < shape.length; behind++) {
        stride *= shape[behind];
      }
      strides[axis] = stride;
    }
    permute(MergedAxes.of(sizes, strides), CudaStorage.any(source), to);
  }

  private void permute(MergedAxes axes, CudaStorage from, CudaStorage to) {
    int rank = axes.rank();
    // One axis that is left over is walked as it lies.
    if (rank <= 1) {
      to.span().copyFrom(from.slice(0, to.length()).span());
    } else if (isTranspose(axes)) {
      int matrices = axes.size(0, 3);
      int rows = axes.size(2, 3);
      int columns = axes.size(1, 3);
      kernels.launch(
          "transpose", transposeGrid(matrices, rows, columns), from, to, matrices, rows, columns);
    } else if (rank <= AXES) {
      kernels.launch(
          "permute",
          LaunchShape.covering(to.length()),
          from,
          to,
          to.length(),
          axes.size(1, AXES),
          axes.size(2, AXES),
          axes.size(3, AXES),
          axes.stride(0, 0, AXES),
          axes.stride(0, 1, AXES),
          axes.stride(0, 2, AXES),
          axes.stride(0, 3, AXES));
    } else {
      int part = to.length() / axes.shape()[0];
      for (int i = 0; i < axes.shape()[0]; i++) {
        int first = i * axes.strides()[0][0];
        permute(axes.inner(), from.slice(first, from.length() - first), to.slice(i * part, part));
      }
    }
  }

  static LaunchShape transposeGrid(int matrices, int rows, int columns) {
    return new LaunchShape(
        Math.ceilDiv(rows, TILE) * Math.ceilDiv(columns, TILE),
        Math.min(matrices, LaunchShape.MOST_ROWS),
        THREADS,
        0);
  }

  /** Whether only the last two axes change places, of dense matrices. */
  private static boolean isTranspose(MergedAxes axes) {
    int rows = axes.size(2, 3);
    int columns = axes.size(1, 3);
    return (axes.rank() == 2 || axes.rank() == 3)
        && axes.stride(0, 1, 3) == 1
        && (axes.rank() == 2 || axes.stride(0, 0, 3) == rows * columns);
  }

  void unary(UnaryOp op, Storage x, Storage y) {
    int count = y.length();
    if (count > 0) {
      kernels.launch("unary", fours(count), op.ordinal(), floats(x), floats(y), count);
    }
  }

  void unaryBackward(UnaryOp op, Storage x, Storage y, Storage dy, Storage dx) {
    int count = dx.length();
    if (count == 0) {
      return;
    }
    // The kernel reads one of the two: bytes are what it takes time for.
    switch (op) {
      case NEGATE -> unary(op, dy, dx);
      case LOG, RELU, ABS, SQUARE, SOFTPLUS -> unaryBackward(op, x, dy, dx, count);
      case EXP, SQRT, TANH, SIGMOID, RECIPROCAL -> unaryBackward(op, y, dy, dx, count);
    }
  }

  private void unaryBackward(UnaryOp op, Storage known, Storage dy, Storage dx, int count) {
    kernels.launch(
        "unary_backward", fours(count), op.ordinal(), floats(known), floats(dy), floats(dx), count);
  }

  void affine(double scale, double shift, Storage x, Storage y) {
    int count = y.length();
    if (count > 0) {
      kernels.launch(
          "affine", fours(count), (float) scale, (float) shift, floats(x), floats(y), count);
    }
  }

  void binary(BinaryOp op, Broadcast broadcast, Storage left, Storage right, Storage out) {
    if (out.length() > 0) {
      binary(
          op,
          MergedAxes.of(broadcast.shape(), broadcast.leftStrides(), broadcast.rightStrides()),
          floats(left),
          floats(right),
          floats(out));
    }
  }

  private void binary(
      BinaryOp op, MergedAxes axes, CudaStorage left, CudaStorage right, CudaStorage out) {
    int rank = axes.rank();
    if (rank <= 2) {
      kernels.launch(
          "binary_rows",
          fours(out.length()),
          op.ordinal(),
          left,
          right,
          out,
          axes.size(0, 2),
          axes.size(1, 2),
          axes.stride(0, 0, 2),
          axes.stride(0, 1, 2),
          axes.stride(1, 0, 2),
          axes.stride(1, 1, 2));
    } else if (rank <= AXES) {
      kernels.launch(
          "binary_general",
          LaunchShape.covering(out.length()),
          op.ordinal(),
          left,
          right,
          out,
          out.length(),
          axes.size(1, AXES),
          axes.size(2, AXES),
          axes.size(3, AXES),
          axes.stride(0, 0, AXES),
          axes.stride(0, 1, AXES),
          axes.stride(0, 2, AXES),
          axes.stride(0, 3, AXES),
          axes.stride(1, 0, AXES),
          axes.stride(1, 1, AXES),
          axes.stride(1, 2, AXES),
          axes.stride(1, 3, AXES));
    } else {
      int part = out.length() / axes.shape()[0];
      for (int i = 0; i < axes.shape()[0]; i++) {
        int firstLeft = i * axes.strides()[0][0];
        int firstRight = i * axes.strides()[1][0];
        binary(
            op,
            axes.inner(),
            left.slice(firstLeft, left.length() - firstLeft),
            right.slice(firstRight, right.length() - firstRight),
            out.slice(i * part, part));
      }
    }
  }

  /**
   * Rounds to bfloat16, to the nearest.
   *
   * @param x values
   * @param words indices in name only: two rounded values each, so half as many, rounded up
   */
  void toBf16(CudaStorage x, CudaStorage words) {
    if (x.length() > 0) {
      kernels.launch("to_bf16", fours(x.length()), x, words, x.length());
    }
  }

  private static LaunchShape fours(int count) {
    return LaunchShape.covering(Math.ceilDiv(count, 4));
  }
}
