package dev.impromptu.backend.cpu;

import static dev.impromptu.backend.cpu.ProductKernel.DOT_LANES;

import java.util.Arrays;

/** {@link NormKernels} in plain Java. */
final class ScalarNorms implements NormKernels {
  @Override
  public void deviations(int n, float shift, float[] x, int xo, float[] sums) {
    int whole = n / DOT_LANES * DOT_LANES;
    Arrays.fill(sums, 0, SUMS, 0f);
    for (int i = 0; i < whole; i += DOT_LANES) {
      for (int l = 0; l < DOT_LANES; l++) {
        float deviation = x[xo + i + l] - shift;
        sums[l] += deviation;
        sums[DOT_LANES + l] = Math.fma(deviation, deviation, sums[DOT_LANES + l]);
      }
    }
    sums[0] = ProductKernel.sumLanes(sums, 0);
    sums[1] = ProductKernel.sumLanes(sums, DOT_LANES);
    addDeviations(n - whole, shift, x, xo + whole, sums);
  }

  /** Goes on with both sums: what fills no vector. */
  static void addDeviations(int n, float shift, float[] x, int xo, float[] sums) {
    for (int i = 0; i < n; i++) {
      float deviation = x[xo + i] - shift;
      sums[0] += deviation;
      sums[1] = Math.fma(deviation, deviation, sums[1]);
    }
  }

  @Override
  public void normalise(
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
      int yo) {
    float mean = moments[mo];
    float rest = moments[mo + 1];
    float scale = moments[mo + 2];
    for (int i = 0; i < n; i++) {
      float normal = (x[xo + i] - mean - rest) * scale;
      y[yo + i] = Math.fma(normal, weight[wo + i], bias[bo + i]);
    }
  }

  @Override
  public void normaliseParameters(
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
      float[] sums) {
    float mean = moments[mo];
    float rest = moments[mo + 1];
    float scale = moments[mo + 2];
    int whole = n / DOT_LANES * DOT_LANES;
    Arrays.fill(sums, 0, SUMS, 0f);
    for (int i = 0; i < whole; i += DOT_LANES) {
      for (int l = 0; l < DOT_LANES; l++) {
        int j = i + l;
        float normal = (x[xo + j] - mean - rest) * scale;
        float d = dy[dyo + j];
        dWeight[dwo + j] = Math.fma(d, normal, dWeight[dwo + j]);
        dBias[dbo + j] += d;
        float inner = d * weight[wo + j];
        sums[l] += inner;
        sums[DOT_LANES + l] = Math.fma(inner, normal, sums[DOT_LANES + l]);
      }
    }
    sums[0] = ProductKernel.sumLanes(sums, 0);
    sums[1] = ProductKernel.sumLanes(sums, DOT_LANES);
    addParameters(
        whole, n, moments, mo, x, xo, weight, wo, dy, dyo, dWeight, dwo, dBias, dbo, sums);
  }

  /** Goes on from element {@code from} and with both sums: what fills no vector. */
  static void addParameters(
      int from,
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
      float[] sums) {
    float mean = moments[mo];
    float rest = moments[mo + 1];
    float scale = moments[mo + 2];
    for (int j = from; j < n; j++) {
      float normal = (x[xo + j] - mean - rest) * scale;
      float d = dy[dyo + j];
      dWeight[dwo + j] = Math.fma(d, normal, dWeight[dwo + j]);
      dBias[dbo + j] += d;
      float inner = d * weight[wo + j];
      sums[0] += inner;
      sums[1] = Math.fma(inner, normal, sums[1]);
    }
  }

  @Override
  public void normaliseBackward(
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
      int dxo) {
    float mean = moments[mo];
    float rest = moments[mo + 1];
    float scale = moments[mo + 2];
    for (int i = 0; i < n; i++) {
      float normal = (x[xo + i] - mean - rest) * scale;
      float inner = dy[dyo + i] * weight[wo + i] - meanGradient;
      dx[dxo + i] = Math.fma(-meanProduct, normal, inner) * scale;
    }
  }
}
