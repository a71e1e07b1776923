package dev.impromptu.backend.cpu;

/**
 * Loops of {@link LayerNorm} over a part of a row, in the manner of {@link ElementKernels}: {@link
 * ScalarNorms} and the ones on the Vector API give the same bits.
 */
interface NormKernels {
  /** Room for the parts of two sums. */
  int SUMS = 2 * ProductKernel.DOT_LANES;

  /**
   * The sums of {@code x - shift} and of its square, each in {@link ProductKernel#DOT_LANES}
   * interleaved parts that are then added pairwise; what is left over is added to that in order.
   *
   * @param sums overwritten, {@link #SUMS} elements: the results come first
   */
  void deviations(int n, float shift, float[] x, int xo, float[] sums);

  /**
   * {@code y = normal weight + bias} for a part of a row, where {@code normal = ((x - mean) - rest)
   * scale}.
   *
   * @param moments the row's mean, what its rounding left out, and scale
   */
  void normalise(
      int n,
      float[] moments,
      int mo,
      float[] x,
      int xo,
      float[] weight,
      int wo,
      float[] bias,
      int bo,
      float[] y,
      int yo);

  /**
   * {@code dWeight += dy normal} and {@code dBias += dy}, of {@link #normalise}, and the sums of
   * {@code dy weight} and {@code dy weight normal} in the order of {@link #deviations}.
   *
   * @param sums overwritten, {@link #SUMS} elements: the results come first
   */
  void normaliseParameters(
      int n,
      float[] moments,
      int mo,
      float[] x,
      int xo,
      float[] weight,
      int wo,
      float[] dy,
      int dyo,
      float[] dWeight,
      int dwo,
      float[] dBias,
      int dbo,
      float[] sums);

  /**
   * {@code dx = scale (dy weight - meanGradient - meanProduct normal)}, of {@link #normalise}; the
   * means are those of the row's sums of {@link #normaliseParameters}.
   */
  void normaliseBackward(
      int n,
      float[] moments,
      int mo,
      float meanGradient,
      float meanProduct,
      float[] x,
      int xo,
      float[] weight,
      int wo,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo);
}
