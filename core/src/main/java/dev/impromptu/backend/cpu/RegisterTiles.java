package dev.impromptu.backend.cpu;

/**
 * Tiles of a product's rows and one panel's columns, whose sums stay in registers. Every height is
 * written out, because the compiler keeps vectors in registers only where each is a variable of its
 * own: in an array, or behind a loop over rows, each sum would be an object in memory.
 */
abstract sealed class RegisterTiles permits WideTiles, NarrowTiles {
  /** Columns of a tile, a panel's width. */
  abstract int width();

  /** As in {@link ProductKernel#accumulate}. */
  final void accumulate(
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
      int cStride) {
    int r = 0;
    // Eight rows are faster as twice four than as six and two.
    for (; r + 6 <= rows && r + 8 != rows; r += 6) {
      int row = aOffset + r * aStride;
      six(depth, a, row, aStride, b, bOffset, bStride, c, cOffset + r * cStride, cStride);
    }
    for (; r + 4 <= rows; r += 4) {
      int row = aOffset + r * aStride;
      four(depth, a, row, aStride, b, bOffset, bStride, c, cOffset + r * cStride, cStride);
    }
    for (; r + 2 <= rows; r += 2) {
      int row = aOffset + r * aStride;
      two(depth, a, row, aStride, b, bOffset, bStride, c, cOffset + r * cStride, cStride);
    }
    if (r < rows) {
      one(depth, a, aOffset + r * aStride, b, bOffset, bStride, c, cOffset + r * cStride);
    }
  }

  abstract void six(
      int depth,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int p,
      int bStride,
      float[] c,
      int c0,
      int cStride);

  abstract void four(
      int depth,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int p,
      int bStride,
      float[] c,
      int c0,
      int cStride);

  abstract void two(
      int depth,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int p,
      int bStride,
      float[] c,
      int c0,
      int cStride);

  abstract void one(int depth, float[] a, int a0, float[] b, int p, int bStride, float[] c, int c0);
}
