package dev.impromptu.backend.cpu;

/**
 * Takes turns with a kernel of another width, as a kernel does that is exchanged while others work:
 * after each product the other one is in use.
 */
final class AlternatingProduct implements ProductKernel {
  private final int width;
  private final ScalarProduct dots = new ScalarProduct();
  private Runnable exchange = () -> {};

  private AlternatingProduct(int width) {
    this.width = width;
  }

  /** Kernels whose product changes its width all the time. */
  static Kernels kernels() {
    var wide = new AlternatingProduct(32);
    var narrow = new AlternatingProduct(16);
    var kernels = new Kernels(wide, new ScalarElements(), new ScalarNorms(), Kernels.State.PLAIN);
    wide.exchange = () -> kernels.use(narrow);
    narrow.exchange = () -> kernels.use(wide);
    return kernels;
  }

  @Override
  public int width() {
    return width;
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
      for (int j = 0; j < width; j++) {
        float sum = c[cOffset + r * cStride + j];
        for (int k = 0; k < depth; k++) {
          sum = Math.fma(a[aOffset + r * aStride + k], b[bOffset + k * bStride + j], sum);
        }
        c[cOffset + r * cStride + j] = sum;
      }
    }
    exchange.run();
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
    dots.dots(columns, depth, a, aOffset, b, bOffset, c, cOffset);
  }
}
