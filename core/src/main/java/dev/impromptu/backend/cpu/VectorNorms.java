package dev.impromptu.backend.cpu;

import static dev.impromptu.backend.cpu.ProductKernel.DOT_LANES;
import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link NormKernels} on the Vector API; what fills no vector is left to the scalar twin. */
final class VectorNorms implements NormKernels {
  private static final VectorSpecies<Float> SPECIES = VectorFunctions.SPECIES;
  private static final int LANES = SPECIES.length();

  private final ScalarNorms twin = new ScalarNorms();

  @Override
  public void deviations(int n, float shift, float[] x, int xo, float[] sums) {
    int whole = n / DOT_LANES * DOT_LANES;
    // Shorter vectors pass by several times.
    for (int part = 0; part < DOT_LANES; part += LANES) {
      var sum = FloatVector.zero(SPECIES);
      var squares = sum;
      for (int i = part; i < whole; i += DOT_LANES) {
        var deviation = FloatVector.fromArray(SPECIES, x, xo + i).sub(shift);
        sum = sum.add(deviation);
        squares = deviation.fma(deviation, squares);
      }
      sum.intoArray(sums, part);
      squares.intoArray(sums, DOT_LANES + part);
    }
    sums[0] = VectorProduct.sumLanes(sums, 0);
    sums[1] = VectorProduct.sumLanes(sums, DOT_LANES);
    ScalarNorms.addDeviations(n - whole, shift, x, xo + whole, sums);
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
    int i = 0;
    for (int end = SPECIES.loopBound(n); i < end; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xo + i)
          .sub(mean)
          .sub(rest)
          .mul(scale)
          .fma(
              FloatVector.fromArray(SPECIES, weight, wo + i),
              FloatVector.fromArray(SPECIES, bias, bo + i))
          .intoArray(y, yo + i);
    }
    twin.normalise(n - i, moments, mo, x, xo + i, weight, wo + i, bias, bo + i, y, yo + i);
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
    for (int part = 0; part < DOT_LANES; part += LANES) {
      var sum = FloatVector.zero(SPECIES);
      var products = sum;
      for (int i = part; i < whole; i += DOT_LANES) {
        var normal = FloatVector.fromArray(SPECIES, x, xo + i).sub(mean).sub(rest).mul(scale);
        var d = FloatVector.fromArray(SPECIES, dy, dyo + i);
        d.fma(normal, FloatVector.fromArray(SPECIES, dWeight, dwo + i)).intoArray(dWeight, dwo + i);
        FloatVector.fromArray(SPECIES, dBias, dbo + i).add(d).intoArray(dBias, dbo + i);
        var inner = d.mul(FloatVector.fromArray(SPECIES, weight, wo + i));
        sum = sum.add(inner);
        products = inner.fma(normal, products);
      }
      sum.intoArray(sums, part);
      products.intoArray(sums, DOT_LANES + part);
    }
    sums[0] = VectorProduct.sumLanes(sums, 0);
    sums[1] = VectorProduct.sumLanes(sums, DOT_LANES);
    ScalarNorms.addParameters(
        whole, n, moments, mo, x, xo, weight, wo, dy, dyo, dWeight, dwo, dBias, dbo, sums);
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
    int i = 0;
    for (int end = SPECIES.loopBound(n); i < end; i += LANES) {
      var normal = FloatVector.fromArray(SPECIES, x, xo + i).sub(mean).sub(rest).mul(scale);
      var inner =
          FloatVector.fromArray(SPECIES, dy, dyo + i)
              .mul(FloatVector.fromArray(SPECIES, weight, wo + i))
              .sub(meanGradient);
      normal.fma(broadcast(SPECIES, -meanProduct), inner).mul(scale).intoArray(dx, dxo + i);
    }
    twin.normaliseBackward(
        n - i,
        moments,
        mo,
        meanGradient,
        meanProduct,
        x,
        xo + i,
        weight,
        wo + i,
        dy,
        dyo + i,
        dx,
        dxo + i);
  }
}
