package dev.impromptu.backend.cpu;

/**
 * The heart of the packed product: a few rows times one panel of columns.
 *
 * <p>Element {@code (r, j)} of C receives {@code fma(a[r][0], b[0][j], c)}, then {@code k = 1}, and
 * so on: the same chain of roundings whatever the number of rows, the width of a panel or the kind
 * of kernel. So a product may be cut along its rows, columns and depth without changing a bit.
 */
interface ProductKernel {
  /** Columns of a panel. */
  int width();

  /**
   * {@code C += A B}.
   *
   * @param rows of A and C
   * @param depth length of the sums
   * @param a row-major, {@code aStride} from one row to the next. Its elements stand side by side:
   *     the compiler proves the bounds of such reads before the loop, but not of reads a variable
   *     step apart, so a transposed operand is copied first
   * @param b {@code [depth, width]}, {@code bStride} from one row to the next
   * @param c row-major, {@code cStride} from one row to the next
   */
  void accumulate(
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aStride,
      float[] b,
      int bOffset,
      int bStride,
      float[] c,
      int cOffset,
      int cStride);

  /**
   * One row times a transposed matrix: {@code c[j] += dot(a, b[j])}, for {@code columns} rows of B
   * of {@code depth} elements each. A dot product is summed in {@link #DOT_LANES} interleaved parts
   * that are then added pairwise; what is left over is added to that in order.
   */
  void dots(
      int columns,
      int depth,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] c,
      int cOffset);

  /** The partial sums of a dot product: as many as the longest vectors have elements. */
  int DOT_LANES = 16;

  /** Adds up the lanes from an offset on, the same way for every kind of kernel. */
  static float sumLanes(float[] lanes, int offset) {
    for (int half = DOT_LANES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[offset + i] += lanes[offset + i + half];
      }
    }
    return lanes[offset];
  }
}
