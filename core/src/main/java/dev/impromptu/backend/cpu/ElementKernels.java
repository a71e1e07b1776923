package dev.impromptu.backend.cpu;

/**
 * Loops over runs of floats. The two kinds, {@link ScalarElements} and the one on the Vector API,
 * do the same operations in the same order for every element, so they give the same bits.
 *
 * <p>Arguments come as an array and the offset of its first element; {@code n} elements are worked
 * on. A result may overwrite an operand when both start at the same element.
 */
interface ElementKernels {
  /** {@code y = e^(x - shift)}; relative error below 2e-7 where the result is a normal number. */
  void exp(int n, float shift, float[] x, int xo, float[] y, int yo);

  /** {@code y = tanh(x)}; relative error below 4e-7. */
  void tanh(int n, float[] x, int xo, float[] y, int yo);

  /** {@code y = 1 / (1 + e^-x)}; relative error below 4e-7 where the result is a normal number. */
  void sigmoid(int n, float[] x, int xo, float[] y, int yo);

  /** {@code y = scale x + shift}, rounded after the product and after the sum. */
  void affine(int n, float scale, float shift, float[] x, int xo, float[] y, int yo);

  /** {@code y = a + b}. */
  void add(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo);

  /** {@code y = a - b}. */
  void subtract(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo);

  /** {@code y = a b}. */
  void multiply(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo);

  /** {@code y = a / b}. */
  void divide(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo);

  /** {@code dx = dy (1 - y^2)}. */
  void tanhBackward(int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo);

  /** {@code dx = dy y (1 - y)}. */
  void sigmoidBackward(int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo);

  /**
   * {@code c = f before + i g} and {@code h = o tanh(c)} for one sequence.
   *
   * @param n hidden size
   * @param gates {@code i, f, g, o}, {@code n} elements each, after their nonlinearities
   * @param before the cells of the step before
   */
  void lstmCell(
      int n, float[] gates, int go, float[] before, int bo, float[] c, int co, float[] h, int ho);

  /**
   * The gradient of {@link #lstmCell} and of the gates' nonlinearities.
   *
   * @param dh gradient of h, complete
   * @param dc on entry the gradient that reaches c from later steps, on return that of {@code
   *     before}
   * @param dGates written: gradients of the gates before their nonlinearities
   */
  void lstmCellBackward(
      int n,
      float[] gates,
      int go,
      float[] before,
      int bo,
      float[] c,
      int co,
      float[] dh,
      int dho,
      float[] dc,
      int dco,
      float[] dGates,
      int dgo);

  /** One update of Adam; all four arrays start at their own offset. */
  void adam(
      int n,
      AdamCoefficients k,
      float[] parameter,
      int po,
      float[] gradient,
      int go,
      float[] mean,
      int mo,
      float[] variance,
      int vo);
}
