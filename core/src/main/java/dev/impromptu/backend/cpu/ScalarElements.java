package dev.impromptu.backend.cpu;

/** {@link ElementKernels} in plain Java: the readable twin. */
final class ScalarElements implements ElementKernels {
  @Override
  public void exp(int n, float shift, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = ScalarFunctions.exp(x[xo + i] - shift);
    }
  }

  @Override
  public void tanh(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = ScalarFunctions.tanh(x[xo + i]);
    }
  }

  @Override
  public void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = ScalarFunctions.sigmoid(x[xo + i]);
    }
  }

  @Override
  public void affine(int n, float scale, float shift, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = x[xo + i] * scale + shift;
    }
  }

  @Override
  public void add(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = a[ao + i] + b[bo + i];
    }
  }

  @Override
  public void subtract(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = a[ao + i] - b[bo + i];
    }
  }

  @Override
  public void multiply(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = a[ao + i] * b[bo + i];
    }
  }

  @Override
  public void divide(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = a[ao + i] / b[bo + i];
    }
  }

  @Override
  public void tanhBackward(int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
    for (int i = 0; i < n; i++) {
      dx[dxo + i] = dy[dyo + i] * (1f - y[yo + i] * y[yo + i]);
    }
  }

  @Override
  public void sigmoidBackward(int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
    for (int i = 0; i < n; i++) {
      dx[dxo + i] = dy[dyo + i] * (y[yo + i] * (1f - y[yo + i]));
    }
  }

  @Override
  public void lstmCell(
      int n, float[] gates, int go, float[] before, int bo, float[] c, int co, float[] h, int ho) {
    lstmCell(0, n, gates, go, before, bo, c, co, h, ho);
  }

  /** From element {@code from} on: what fills no vector. */
  void lstmCell(
      int from,
      int n,
      float[] gates,
      int go,
      float[] before,
      int bo,
      float[] c,
      int co,
      float[] h,
      int ho) {
    for (int j = from; j < n; j++) {
      float in = gates[go + j];
      float forget = gates[go + n + j];
      float update = gates[go + 2 * n + j];
      float out = gates[go + 3 * n + j];
      float cell = Math.fma(forget, before[bo + j], in * update);
      c[co + j] = cell;
      h[ho + j] = out * ScalarFunctions.tanh(cell);
    }
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
    lstmCellBackward(0, n, gates, go, before, bo, c, co, dh, dho, dc, dco, dGates, dgo);
  }

  /** From element {@code from} on: what fills no vector. */
  void lstmCellBackward(
      int from,
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
    for (int j = from; j < n; j++) {
      float in = gates[go + j];
      float forget = gates[go + n + j];
      float update = gates[go + 2 * n + j];
      float out = gates[go + 3 * n + j];
      float t = ScalarFunctions.tanh(c[co + j]);
      float hidden = dh[dho + j];
      float cell = Math.fma(hidden * out, 1f - t * t, dc[dco + j]);
      dGates[dgo + j] = cell * update * (in * (1f - in));
      dGates[dgo + n + j] = cell * before[bo + j] * (forget * (1f - forget));
      dGates[dgo + 2 * n + j] = cell * in * (1f - update * update);
      dGates[dgo + 3 * n + j] = hidden * t * (out * (1f - out));
      dc[dco + j] = cell * forget;
    }
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
    for (int i = 0; i < n; i++) {
      float g = gradient[go + i] * k.gradientFactor();
      float m = mean[mo + i] * k.beta1() + g * k.oneMinusBeta1();
      float v = variance[vo + i] * k.beta2() + g * g * k.oneMinusBeta2();
      mean[mo + i] = m;
      variance[vo + i] = v;
      float root = (float) Math.sqrt(v) / k.rootCorrection() + k.epsilon();
      parameter[po + i] = parameter[po + i] * k.kept() - k.stepSize() * m / root;
    }
  }
}
