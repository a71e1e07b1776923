package dev.impromptu.cuda.driver;

import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.Precision;

/**
 * What {@link Cublas#gemm} computes: a batch of products {@code C = alpha op(A) op(B) + beta C} on
 * row-major matrices. A is {@code [m, k]} ({@code [k, m]} when transposed), B is {@code [k, n]}
 * ({@code [n, k]} when transposed), C is {@code [m, n]}.
 *
 * @param precision FP32 and TF32 read A and B as float32, BF16 as bfloat16; C is float32
 * @param transposeA whether A is stored transposed
 * @param transposeB whether B is stored transposed
 * @param m rows of C
 * @param n columns of C
 * @param k length of the sums
 * @param batch number of products
 * @param rowA elements from one stored row of A to the next, likewise {@code rowB} and {@code rowC}
 * @param stepA elements from one A of the batch to the next, likewise {@code stepB} and {@code
 *     stepC}; 0 uses the same matrix for all, which C cannot
 */
public record Gemm(
    Precision precision,
    boolean transposeA,
    boolean transposeB,
    int m,
    int n,
    int k,
    int batch,
    int rowA,
    int rowB,
    int rowC,
    long stepA,
    long stepB,
    long stepC) {

  /** Rejects sizes below 1, rows that overlap, and results of a batch that overlap. */
  public Gemm {
    if (m < 1 || n < 1 || k < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "gemm: m, n, k and batch are at least 1, but are %d, %d, %d and %d"
              .formatted(m, n, k, batch));
    }
    checkRow("A", rowA, transposeA ? m : k);
    checkRow("B", rowB, transposeB ? k : n);
    checkRow("C", rowC, n);
    if (stepA < 0 || stepB < 0 || (batch > 1 && stepC < (m - 1L) * rowC + n)) {
      throw new IllegalArgumentException(
          "gemm: steps %d, %d and %d do not fit a batch of %d results of [%d, %d]"
              .formatted(stepA, stepB, stepC, batch, m, n));
    }
  }

  private static void checkRow(String operand, int row, int columns) {
    if (row < columns) {
      throw new IllegalArgumentException(
          "gemm: rows of %s have %d columns, so they cannot follow each other every %d elements"
              .formatted(operand, columns, row));
    }
  }

  /** A single product of dense matrices. */
  public static Gemm dense(
      Precision precision, boolean transposeA, boolean transposeB, int m, int n, int k) {
    return of(precision, new Matmul(1, m, n, k, transposeA, transposeB));
  }

  /** A batch of products of dense matrices that follow each other without gaps. */
  public static Gemm of(Precision precision, Matmul product) {
    int m = product.m();
    int n = product.n();
    int k = product.k();
    return new Gemm(
        precision,
        product.transposeLeft(),
        product.transposeRight(),
        m,
        n,
        k,
        product.batch(),
        product.transposeLeft() ? m : k,
        product.transposeRight() ? k : n,
        n,
        (long) m * k,
        (long) k * n,
        (long) m * n);
  }

  /** The same products on matrices whose rows lie further apart. */
  public Gemm withRows(int rowA, int rowB, int rowC) {
    return new Gemm(
        precision, transposeA, transposeB, m, n, k, batch, rowA, rowB, rowC, stepA, stepB, stepC);
  }

  /** As many products, on matrices that lie this many elements apart. */
  public Gemm withBatch(int batch, long stepA, long stepB, long stepC) {
    return new Gemm(
        precision, transposeA, transposeB, m, n, k, batch, rowA, rowB, rowC, stepA, stepB, stepC);
  }

  /** How many elements from the first of A to its last. */
  long extentA() {
    return extent(transposeA ? k : m, transposeA ? m : k, rowA, stepA);
  }

  long extentB() {
    return extent(transposeB ? n : k, transposeB ? k : n, rowB, stepB);
  }

  long extentC() {
    return extent(m, n, rowC, stepC);
  }

  private long extent(int rows, int columns, int row, long step) {
    return (batch - 1) * step + (rows - 1L) * row + columns;
  }

  @Override
  public String toString() {
    String sizes =
        "%s %s[%d, %d] x %s[%d, %d], rows every %d, %d, %d"
            .formatted(
                precision.optionName(),
                transposeA ? "transposed " : "",
                transposeA ? k : m,
                transposeA ? m : k,
                transposeB ? "transposed " : "",
                transposeB ? n : k,
                transposeB ? k : n,
                rowA,
                rowB,
                rowC);
    return batch == 1
        ? sizes
        : sizes + ", batch %d every %d, %d, %d".formatted(batch, stepA, stepB, stepC);
  }
}
