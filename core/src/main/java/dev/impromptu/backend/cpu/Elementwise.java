package dev.impromptu.backend.cpu;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.backend.UnaryOp;
import dev.impromptu.random.Philox;

/** Operations on every element by itself, shared out to the team in runs of fixed size. */
final class Elementwise {
  /** Elements of a task: a few microseconds of work. A multiple of Philox's four. */
  static final int CHUNK = 16_384;

  private final Team team;
  private final Kernels kernels;

  Elementwise(Team team, Kernels kernels) {
    this.team = team;
    this.kernels = kernels;
  }

  /** Something to do with {@code n} elements from {@code from} on. */
  @FunctionalInterface
  interface Run {
    void on(int from, int n);
  }

  void chunks(int length, Run run) {
    team.run(
        Math.ceilDiv(length, CHUNK),
        task -> run.on(task * CHUNK, Math.min(CHUNK, length - task * CHUNK)));
  }

  void unary(UnaryOp op, CpuStorage.Floats x, CpuStorage.Floats y) {
    var k = kernels.elements();
    chunks(
        y.length,
        (from, n) -> {
          int xo = x.offset + from;
          int yo = y.offset + from;
          switch (op) {
            case NEGATE -> k.affine(n, -1f, -0f, x.array, xo, y.array, yo);
            case EXP -> k.exp(n, 0f, x.array, xo, y.array, yo);
            case TANH -> k.tanh(n, x.array, xo, y.array, yo);
            case SIGMOID -> k.sigmoid(n, x.array, xo, y.array, yo);
            case LOG -> log(n, x.array, xo, y.array, yo);
            case SQRT -> sqrt(n, x.array, xo, y.array, yo);
            case RELU -> relu(n, x.array, xo, y.array, yo);
            case ABS -> abs(n, x.array, xo, y.array, yo);
            case SQUARE -> k.multiply(n, x.array, xo, x.array, xo, y.array, yo);
            case RECIPROCAL -> reciprocal(n, x.array, xo, y.array, yo);
            case SOFTPLUS -> softplus(n, x.array, xo, y.array, yo);
          }
        });
  }

  private static void abs(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.abs(x[xo + i]);
    }
  }

  private static void reciprocal(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = 1f / x[xo + i];
    }
  }

  private static void softplus(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      float v = x[xo + i];
      y[yo + i] = Math.max(v, 0f) + (float) Math.log1p(Math.exp(-Math.abs(v)));
    }
  }

  private static void log(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) Math.log(x[xo + i]);
    }
  }

  private static void sqrt(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) Math.sqrt(x[xo + i]);
    }
  }

  private static void relu(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.max(x[xo + i], 0f);
    }
  }

  void unaryBackward(
      UnaryOp op,
      CpuStorage.Floats x,
      CpuStorage.Floats y,
      CpuStorage.Floats dy,
      CpuStorage.Floats dx) {
    var k = kernels.elements();
    chunks(
        dx.length,
        (from, n) -> {
          int xo = x.offset + from;
          int yo = y.offset + from;
          int dyo = dy.offset + from;
          int dxo = dx.offset + from;
          switch (op) {
            case NEGATE -> k.affine(n, -1f, -0f, dy.array, dyo, dx.array, dxo);
            case EXP -> k.multiply(n, dy.array, dyo, y.array, yo, dx.array, dxo);
            case LOG -> k.divide(n, dy.array, dyo, x.array, xo, dx.array, dxo);
            case TANH -> k.tanhBackward(n, y.array, yo, dy.array, dyo, dx.array, dxo);
            case SIGMOID -> k.sigmoidBackward(n, y.array, yo, dy.array, dyo, dx.array, dxo);
            case SQRT -> {
              for (int i = 0; i < n; i++) {
                dx.array[dxo + i] = dy.array[dyo + i] * 0.5f / y.array[yo + i];
              }
            }
            case RELU -> {
              for (int i = 0; i < n; i++) {
                dx.array[dxo + i] = x.array[xo + i] > 0 ? dy.array[dyo + i] : 0f;
              }
            }
            case ABS -> {
              for (int i = 0; i < n; i++) {
                dx.array[dxo + i] = dy.array[dyo + i] * Math.signum(x.array[xo + i]);
              }
            }
            case SQUARE -> {
              for (int i = 0; i < n; i++) {
                dx.array[dxo + i] = dy.array[dyo + i] * (2f * x.array[xo + i]);
              }
            }
            case RECIPROCAL -> {
              for (int i = 0; i < n; i++) {
                float reciprocal = y.array[yo + i];
                dx.array[dxo + i] = -dy.array[dyo + i] * (reciprocal * reciprocal);
              }
            }
            case SOFTPLUS -> {
              for (int i = 0; i < n; i++) {
                dx.array[dxo + i] = dy.array[dyo + i] * ScalarFunctions.sigmoid(x.array[xo + i]);
              }
            }
          }
        });
  }

  void affine(double scale, double shift, CpuStorage.Floats x, CpuStorage.Floats y) {
    var k = kernels.elements();
    chunks(
        y.length,
        (from, n) ->
            k.affine(
                n,
                (float) scale,
                (float) shift,
                x.array,
                x.offset + from,
                y.array,
                y.offset + from));
  }

  /** One run of a broadcast operation; a step of 0 means a single value for all elements. */
  static void binary(
      ElementKernels k,
      BinaryOp op,
      int n,
      float[] a,
      int ao,
      int aStep,
      float[] b,
      int bo,
      int bStep,
      float[] y,
      int yo) {
    if (aStep == 1 && bStep == 1) {
      switch (op) {
        case ADD -> k.add(n, a, ao, b, bo, y, yo);
        case SUBTRACT -> k.subtract(n, a, ao, b, bo, y, yo);
        case MULTIPLY -> k.multiply(n, a, ao, b, bo, y, yo);
        case DIVIDE -> k.divide(n, a, ao, b, bo, y, yo);
        default -> strided(op, n, a, ao, 1, b, bo, 1, y, yo);
      }
    } else if (aStep == 1 && bStep == 0 && isAffineInOne(op)) {
      withValue(k, op, n, a, ao, b[bo], y, yo);
    } else if (aStep == 0 && bStep == 1 && isAffineInOne(op)) {
      float left = a[ao];
      if (op == BinaryOp.SUBTRACT) {
        k.affine(n, -1f, left, b, bo, y, yo);
      } else {
        withValue(k, op, n, b, bo, left, y, yo);
      }
    } else {
      strided(op, n, a, ao, aStep, b, bo, bStep, y, yo);
    }
  }

  private static boolean isAffineInOne(BinaryOp op) {
    return op == BinaryOp.ADD || op == BinaryOp.SUBTRACT || op == BinaryOp.MULTIPLY;
  }

  /** Exact: a factor of 1 and a sum with -0 round nothing. */
  private static void withValue(
      ElementKernels k, BinaryOp op, int n, float[] x, int xo, float value, float[] y, int yo) {
    switch (op) {
      case ADD -> k.affine(n, 1f, value, x, xo, y, yo);
      case SUBTRACT -> k.affine(n, 1f, -value, x, xo, y, yo);
      default -> k.affine(n, value, -0f, x, xo, y, yo);
    }
  }

  private static void strided(
      BinaryOp op,
      int n,
      float[] a,
      int ao,
      int aStep,
      float[] b,
      int bo,
      int bStep,
      float[] y,
      int yo) {
    // A single value is read before the loop may overwrite it.
    float a0 = a[ao];
    float b0 = b[bo];
    for (int i = 0; i < n; i++) {
      float u = aStep == 0 ? a0 : a[ao + i * aStep];
      float v = bStep == 0 ? b0 : b[bo + i * bStep];
      y[yo + i] =
          switch (op) {
            case ADD -> u + v;
            case SUBTRACT -> u - v;
            case MULTIPLY -> u * v;
            case DIVIDE -> u / v;
            case MAXIMUM -> Math.max(u, v);
            case MINIMUM -> Math.min(u, v);
            case POWER -> (float) Math.pow(u, v);
            case GREATER -> u > v ? 1f : 0f;
            case GREATER_EQUAL -> u >= v ? 1f : 0f;
            case EQUAL -> u == v ? 1f : 0f;
            case KEEP -> v != 0f ? u : 0f;
          };
    }
  }

  void dropout(double rate, PhiloxKey key, CpuStorage.Floats x, CpuStorage.Floats y) {
    float scale = (float) (1 / (1 - rate));
    // The least 24-bit number whose fraction is kept.
    int least = (int) Math.ceil(rate * 0x1p24);
    chunks(
        y.length,
        (from, n) -> {
          var words = new int[4];
          for (int i = from; i < from + n; i++) {
            if (i % 4 == 0) {
              Philox.block(
                  i / 4,
                  key.call(),
                  (int) key.step(),
                  (int) (key.step() >>> 32),
                  (int) key.seed(),
                  (int) (key.seed() >>> 32),
                  words,
                  0);
            }
            boolean kept = words[i % 4] >>> 8 >= least;
            y.array[y.offset + i] = kept ? x.array[x.offset + i] * scale : 0f;
          }
        });
  }
}
