package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.Cublas;
import dev.impromptu.cuda.driver.DeviceSpan;
import dev.impromptu.cuda.driver.Gemm;
import dev.impromptu.cuda.driver.LaunchShape;
import java.util.Optional;

/**
 * Matrix products. By their shape alone, large ones go to cuBLAS in the precision of the device and
 * the others to the kernels of {@code matmul.cu}, in fp32: products with up to {@link #MOST_ROWS}
 * rows on the left, which take as long as reading the right operand does, and those of fewer than
 * {@link #LARGE} multiplications, which end before a library could win anything. Without cuBLAS the
 * kernels compute all of them.
 */
final class CudaProducts {
  static final int MOST_ROWS = 8;
  static final long LARGE = 1L << 20;

  private static final int TILE = 64;
  private static final int DEPTH = 16;
  private static final int THREADS = 256;
  private static final int WARP = 32;
  private static final int WARPS = 8;

  /** Tiles that keep a large chip busy; k is cut into no more pieces than reach them. */
  private static final int BUSY = 128;

  private static final int LEAST_PIECE = 128;

  private final CudaRuntime runtime;
  private final KernelFamily kernels;
  private final ElementwiseKernels elementwise;
  private final Optional<Cublas> cublas;

  /**
   * Makes them.
   *
   * @param cublas absent to compute everything here
   * @throws IllegalArgumentException when the device has another precision than FP32 and there is
   *     no cuBLAS
   */
  CudaProducts(CudaRuntime runtime, Optional<Cublas> cublas) {
    if (cublas.isEmpty() && runtime.precision() != Precision.FP32) {
      throw new IllegalArgumentException(
          "cuda: the module's own products compute in fp32, not in %s; leave out -Dimpromptu.cuda.products=kernel, or open the device in fp32"
              .formatted(runtime.precision().optionName()));
    }
    this.runtime = runtime;
    this.cublas = cublas;
    kernels = runtime.family("matmul");
    elementwise = new ElementwiseKernels(runtime);
  }

  /**
   * {@link dev.impromptu.backend.Backend#matmul}.
   *
   * @param c other memory than {@code a} and {@code b}
   */
  void matmul(Matmul shape, Storage a, Storage b, Storage c) {
    int matrices = shape.batch();
    CudaStorage left = floats(a).slice(0, extent(matrices, shape.m(), shape.k()));
    CudaStorage right = floats(b).slice(0, extent(matrices, shape.k(), shape.n()));
    CudaStorage result = floats(c).slice(0, extent(matrices, shape.m(), shape.n()));
    if (result.length() == 0) {
      return;
    }
    if (shape.k() == 0) {
      result.span().fill(0);
    } else if (cublas.isPresent() && isLarge(shape)) {
      library(cublas.get(), shape, left, right, result);
    } else if (shape.m() <= MOST_ROWS) {
      fewRows(shape, left, right, result);
    } else {
      tiles(shape, left, right, result);
    }
  }

  private static int extent(int matrices, int rows, int columns) {
    return Math.multiplyExact(matrices, Math.multiplyExact(rows, columns));
  }

  /** Whether cuBLAS computes a product, where it is there. */
  static boolean isLarge(Matmul shape) {
    return shape.m() > MOST_ROWS
        && (long) shape.batch() * shape.m() * shape.n() >= Math.ceilDiv(LARGE, shape.k());
  }

  private void library(Cublas cublas, Matmul shape, CudaStorage a, CudaStorage b, CudaStorage c) {
    Gemm gemm = Gemm.of(runtime.precision(), shape);
    if (runtime.precision() == Precision.BF16) {
      try (CudaStorage left = words(a);
          CudaStorage right = words(b)) {
        elementwise.toBf16(a, left);
        elementwise.toBf16(b, right);
        cublas.gemm(gemm, 1, halves(left, a), halves(right, b), 0, c.span());
      }
    } else {
      cublas.gemm(gemm, 1, a.span(), b.span(), 0, c.span());
    }
  }

  private CudaStorage words(CudaStorage values) {
    return runtime.allocate(DType.INT32, Math.ceilDiv(values.length(), 2));
  }

  private static DeviceSpan halves(CudaStorage words, CudaStorage values) {
    return words.span().slice(0, (long) Short.BYTES * values.length());
  }

  private void fewRows(Matmul shape, CudaStorage a, CudaStorage b, CudaStorage c) {
    kernels.launch(
        shape.transposeRight() ? "skinny_t" : "skinny_n",
        fewRowsGrid(shape),
        a,
        b,
        c,
        shape.batch(),
        shape.m(),
        shape.n(),
        shape.k(),
        shape.transposeLeft() ? 1 : shape.k(),
        shape.transposeLeft() ? shape.m() : 1);
  }

  static LaunchShape fewRowsGrid(Matmul shape) {
    int columns = shape.transposeRight() ? WARPS : WARP;
    return new LaunchShape(
        Math.ceilDiv(shape.n(), columns),
        Math.min(shape.batch(), LaunchShape.MOST_ROWS),
        THREADS,
        0);
  }

  private void tiles(Matmul shape, CudaStorage a, CudaStorage b, CudaStorage c) {
    int chunk = chunk(shape);
    int pieces = Math.ceilDiv(shape.k(), chunk);
    if (pieces == 1) {
      gemm(shape, 1, chunk, a, b, c);
      return;
    }
    try (CudaStorage parts =
        runtime.allocate(DType.FLOAT32, Math.multiplyExact(pieces, c.length()))) {
      gemm(shape, pieces, chunk, a, b, parts);
      kernels.launch("gemm_fold", LaunchShape.covering(c.length()), parts, c, c.length(), pieces);
    }
  }

  private void gemm(
      Matmul shape, int pieces, int chunk, CudaStorage a, CudaStorage b, CudaStorage c) {
    kernels.launch(
        "gemm_" + (shape.transposeLeft() ? "t" : "n") + (shape.transposeRight() ? "t" : "n"),
        tilesGrid(shape, pieces),
        a,
        b,
        c,
        shape.batch(),
        shape.m(),
        shape.n(),
        shape.k(),
        pieces,
        chunk);
  }

  static LaunchShape tilesGrid(Matmul shape, int pieces) {
    return new LaunchShape(
        Math.multiplyExact(Math.ceilDiv(shape.m(), TILE), Math.ceilDiv(shape.n(), TILE)),
        Math.min(Math.multiplyExact(shape.batch(), pieces), LaunchShape.MOST_ROWS),
        THREADS,
        0);
  }

  /** Into pieces of how many terms the sums are cut, whole steps of the kernel. */
  static int chunk(Matmul shape) {
    long tiles =
        (long) shape.batch() * Math.ceilDiv(shape.m(), TILE) * Math.ceilDiv(shape.n(), TILE);
    long pieces = Math.clamp(BUSY / tiles, 1, Math.max(1, shape.k() / LEAST_PIECE));
    long chunk = Math.ceilDiv(shape.k(), pieces);
    return Math.toIntExact(Math.ceilDiv(chunk, DEPTH) * DEPTH);
  }
}
