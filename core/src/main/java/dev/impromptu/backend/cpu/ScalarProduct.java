package dev.impromptu.backend.cpu;

import java.util.Arrays;

/** {@link ProductKernel} in plain Java: eight columns at a time, to hide the latency of the fma. */
final class ScalarProduct implements ProductKernel {
  private static final int WIDTH = 64;
  private static final int BLOCK = 8;

  @Override
  public int width() {
    return WIDTH;
  }

  @Override
  public void accumulate(
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
    for (int r = 0; r < rows; r++) {
      int row = aOffset + r * aStride;
      int out = cOffset + r * cStride;
      for (int j = 0; j < WIDTH; j += BLOCK) {
        columns(depth, a, row, b, bOffset + j, bStride, c, out + j);
      }
    }
  }

  private static void columns(
      int depth, float[] a, int row, float[] b, int p, int bStride, float[] c, int out) {
    float c0 = c[out];
    float c1 = c[out + 1];
    float c2 = c[out + 2];
    float c3 = c[out + 3];
    float c4 = c[out + 4];
    float c5 = c[out + 5];
    float c6 = c[out + 6];
    float c7 = c[out + 7];
    for (int k = 0; k < depth; k++) {
      float v = a[row + k];
      int q = p + k * bStride;
      c0 = Math.fma(v, b[q], c0);
      c1 = Math.fma(v, b[q + 1], c1);
      c2 = Math.fma(v, b[q + 2], c2);
      c3 = Math.fma(v, b[q + 3], c3);
      c4 = Math.fma(v, b[q + 4], c4);
      c5 = Math.fma(v, b[q + 5], c5);
      c6 = Math.fma(v, b[q + 6], c6);
      c7 = Math.fma(v, b[q + 7], c7);
    }
    c[out] = c0;
    c[out + 1] = c1;
    c[out + 2] = c2;
    c[out + 3] = c3;
    c[out + 4] = c4;
    c[out + 5] = c5;
    c[out + 6] = c6;
    c[out + 7] = c7;
  }

  @Override
  public void dots(
      int columns,
      int depth,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] c,
      int cOffset) {
    var lanes = new float[DOT_LANES];
    int whole = depth / DOT_LANES * DOT_LANES;
    for (int j = 0; j < columns; j++) {
      int row = bOffset + j * depth;
      Arrays.fill(lanes, 0f);
      for (int k = 0; k < whole; k += DOT_LANES) {
        for (int l = 0; l < DOT_LANES; l++) {
          lanes[l] = Math.fma(a[aOffset + k + l], b[row + k + l], lanes[l]);
        }
      }
      float sum = ProductKernel.sumLanes(lanes, 0);
      for (int k = whole; k < depth; k++) {
        sum = Math.fma(a[aOffset + k], b[row + k], sum);
      }
      c[cOffset + j] += sum;
    }
  }
}
