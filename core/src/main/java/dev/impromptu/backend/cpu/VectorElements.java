package dev.impromptu.backend.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link ElementKernels} on the Vector API; what fills no vector is left to the scalar twin. */
final class VectorElements implements ElementKernels {
  private static final VectorSpecies<Float> SPECIES = VectorFunctions.SPECIES;
  private static final int LANES = SPECIES.length();

  private final ScalarElements twin = new ScalarElements();

  @Override
  public void exp(int n, float shift, float[] x, int xo, float[] y, int yo) {
    int whole = SPECIES.loopBound(n);
    VectorFunctions.exp(whole, shift, x, xo, y, yo);
    twin.exp(n - whole, shift, x, xo + whole, y, yo + whole);
  }

  @Override
  public void tanh(int n, float[] x, int xo, float[] y, int yo) {
    int whole = SPECIES.loopBound(n);
    VectorFunctions.tanh(whole, x, xo, y, yo);
    twin.tanh(n - whole, x, xo + whole, y, yo + whole);
  }

  @Override
  public void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
    int whole = SPECIES.loopBound(n);
    VectorFunctions.sigmoid(whole, x, xo, y, yo);
    twin.sigmoid(n - whole, x, xo + whole, y, yo + whole);
  }

  @Override
  public void affine(int n, float scale, float shift, float[] x, int xo, float[] y, int yo) {
    int i = 0;
    for (int end = SPECIES.loopBound(n); i < end; i += LANES) {
      var v = FloatVector.fromArray(SPECIES, x, xo + i);
      v.mul(scale).add(shift).intoArray(y, yo + i);
    }
    twin.affine(n - i, scale, shift, x, xo + i, y, yo + i);
  }

  @Override
  public void add(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    int i = 0;
    for (int end = SPECIES.loopBound(n); i < end; i += LANES) {
      var u = FloatVector.fromArray(SPECIES, a, ao + i);
      var v = FloatVector.fromArray(SPECIES, b, bo + i);
      u.add(v).intoArray(y, yo + i);
    }
    twin.add(n - i, a, ao + i, b, bo + i, y, yo + i);
  }

  @Override
  public void subtract(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    int i = 0;
    for (int end = SPECIES.loopBound(n); i < end; i += LANES) {
      var u = FloatVector.fromArray(SPECIES, a, ao + i);
      var v = FloatVector.fromArray(SPECIES, b, bo + i);
      u.sub(v).intoArray(y, yo + i);
    }
    twin.subtract(n - i, a, ao + i, b, bo + i, y, yo + i);
  }

  @Override
  public void multiply(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    int i = 0;
    for (int end = SPECIES.loopBound(n); i < end; i += LANES) {
      var u = FloatVector.fromArray(SPECIES, a, ao + i);
      var v = FloatVector.fromArray(SPECIES, b, bo + i);
      u.mul(v).intoArray(y, yo + i);
    }
    twin.multiply(n - i, a, ao + i, b, bo + i, y, yo + i);
  }

  @Override
  public void divide(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    int i = 0;
    for (int end = SPECIES.loopBound(n); i < end; i += LANES) {
      var u = FloatVector.fromArray(SPECIES, a, ao + i);
      var v = FloatVector.fromArray(SPECIES, b, bo + i);
      u.div(v).intoArray(y, yo + i);
    }
    twin.divide(n - i, a, ao + i, b, bo + i, y, yo + i);
  }

  @Override
  public void tanhBackward(int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
    int i = 0;
    for (int end = SPECIES.loopBound(n); i < end; i += LANES) {
      var v = FloatVector.fromArray(SPECIES, y, yo + i);
      var d = FloatVector.fromArray(SPECIES, dy, dyo + i);
      d.mul(broadcast(SPECIES, 1f).sub(v.mul(v))).intoArray(dx, dxo + i);
    }
    twin.tanhBackward(n - i, y, yo + i, dy, dyo + i, dx, dxo + i);
  }

  @Override
  public void sigmoidBackward(int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
    int i = 0;
    for (int end = SPECIES.loopBound(n); i < end; i += LANES) {
      var v = FloatVector.fromArray(SPECIES, y, yo + i);
      var d = FloatVector.fromArray(SPECIES, dy, dyo + i);
      d.mul(v.mul(broadcast(SPECIES, 1f).sub(v))).intoArray(dx, dxo + i);
    }
    twin.sigmoidBackward(n - i, y, yo + i, dy, dyo + i, dx, dxo + i);
  }

  @Override
  public void lstmCell(
      int n, float[] gates, int go, float[] before, int bo, float[] c, int co, float[] h, int ho) {
    int whole = SPECIES.loopBound(n);
    for (int j = 0; j < whole; j += LANES) {
      var in = FloatVector.fromArray(SPECIES, gates, go + j);
      var forget = FloatVector.fromArray(SPECIES, gates, go + n + j);
      var update = FloatVector.fromArray(SPECIES, gates, go + 2 * n + j);
      var past = FloatVector.fromArray(SPECIES, before, bo + j);
      forget.fma(past, in.mul(update)).intoArray(c, co + j);
    }
    VectorFunctions.tanh(whole, c, co, h, ho);
    for (int j = 0; j < whole; j += LANES) {
      var out = FloatVector.fromArray(SPECIES, gates, go + 3 * n + j);
      out.mul(FloatVector.fromArray(SPECIES, h, ho + j)).intoArray(h, ho + j);
    }
    twin.lstmCell(whole, n, gates, go, before, bo, c, co, h, ho);
  }

  @Override
  public void lstmCellBackward(
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
      int dgo) {
    int whole = SPECIES.loopBound(n);
    // Where the output gate's gradient will stand is room for tanh(c) until then.
    VectorFunctions.tanh(whole, c, co, dGates, dgo + 3 * n);
    var one = broadcast(SPECIES, 1f);
    for (int j = 0; j < whole; j += LANES) {
      var in = FloatVector.fromArray(SPECIES, gates, go + j);
      var forget = FloatVector.fromArray(SPECIES, gates, go + n + j);
      var update = FloatVector.fromArray(SPECIES, gates, go + 2 * n + j);
      var out = FloatVector.fromArray(SPECIES, gates, go + 3 * n + j);
      var t = FloatVector.fromArray(SPECIES, dGates, dgo + 3 * n + j);
      var hidden = FloatVector.fromArray(SPECIES, dh, dho + j);
      var later = FloatVector.fromArray(SPECIES, dc, dco + j);
      var cell = hidden.mul(out).fma(one.sub(t.mul(t)), later);
      cell.mul(update).mul(in.mul(one.sub(in))).intoArray(dGates, dgo + j);
      cell.mul(FloatVector.fromArray(SPECIES, before, bo + j))
          .mul(forget.mul(one.sub(forget)))
          .intoArray(dGates, dgo + n + j);
      cell.mul(in).mul(one.sub(update.mul(update))).intoArray(dGates, dgo + 2 * n + j);
      hidden.mul(t).mul(out.mul(one.sub(out))).intoArray(dGates, dgo + 3 * n + j);
      cell.mul(forget).intoArray(dc, dco + j);
    }
    twin.lstmCellBackward(whole, n, gates, go, before, bo, c, co, dh, dho, dc, dco, dGates, dgo);
  }

  @Override
  public void adam(
      int n,
      AdamCoefficients k,
      float[] parameter,
      int po,
      float[] gradient,
      int go,
      float[] mean,
      int mo,
      float[] variance,
      int vo) {
    int i = 0;
    for (int end = SPECIES.loopBound(n); i < end; i += LANES) {
      var g = FloatVector.fromArray(SPECIES, gradient, go + i).mul(k.gradientFactor());
      var m0 = FloatVector.fromArray(SPECIES, mean, mo + i);
      var v0 = FloatVector.fromArray(SPECIES, variance, vo + i);
      var m = m0.mul(k.beta1()).add(g.mul(k.oneMinusBeta1()));
      var v = v0.mul(k.beta2()).add(g.mul(g).mul(k.oneMinusBeta2()));
      m.intoArray(mean, mo + i);
      v.intoArray(variance, vo + i);
      var root = v.sqrt().div(k.rootCorrection()).add(k.epsilon());
      FloatVector.fromArray(SPECIES, parameter, po + i)
          .mul(k.kept())
          .sub(m.mul(k.stepSize()).div(root))
          .intoArray(parameter, po + i);
    }
    twin.adam(n - i, k, parameter, po + i, gradient, go + i, mean, mo + i, variance, vo + i);
  }
}
