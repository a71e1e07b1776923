package dev.impromptu.backend.cpu;

import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import dev.impromptu.backend.Storage;
import java.util.Arrays;
import java.util.List;

/**
 * Folds of one axis. Sums along the last axis are taken in eight interleaved parts, which hides the
 * latency of the addition; long ones along any axis are sums of the sums of pieces of fixed length:
 * an order that depends on the shape alone.
 */
final class Reductions {
  private static final int PARTS = 8;

  /** Rows that are summed one after another: the error of a chain grows with its length. */
  private static final int BLOCK = 256;

  private final Team team;
  private final Kernels kernels;

  Reductions(Team team, Kernels kernels) {
    this.team = team;
    this.kernels = kernels;
  }

  void reduce(ReduceOp op, Reduction r, CpuStorage.Floats x, CpuStorage.Floats y) {
    if (r.length() == 0) {
      Arrays.fill(y.array, y.offset, y.offset + y.length, fold(op, 0, x.array, x.offset));
    } else if (r.inner() > 1) {
      overRows(op, r, x, y);
    } else if (r.outer() == 1 && r.length() > Elementwise.CHUNK) {
      y.array[y.offset] = inPieces(op, r.length(), x);
    } else {
      int group = Math.max(1, Elementwise.CHUNK / r.length());
      team.run(
          Math.ceilDiv(r.outer(), group),
          task -> {
            int end = Math.min(r.outer(), (task + 1) * group);
            for (int o = task * group; o < end; o++) {
              int from = x.offset + o * r.length();
              y.array[y.offset + o] = fold(op, r.length(), x.array, from);
            }
          });
    }
  }

  /** Squares are added in double precision: lengths of small gradients would vanish otherwise. */
  void norm(List<Storage> parts, CpuStorage.Floats norm) {
    double squares = 0;
    for (var part : parts) {
      var values = CpuStorage.floats(part);
      int pieces = Math.ceilDiv(values.length, Elementwise.CHUNK);
      var sums = new double[pieces];
      team.run(
          pieces,
          piece -> {
            int from = piece * Elementwise.CHUNK;
            int n = Math.min(Elementwise.CHUNK, values.length - from);
            sums[piece] = squares(n, values.array, values.offset + from);
          });
      for (double sum : sums) {
        squares += sum;
      }
    }
    norm.array[norm.offset] = (float) Math.sqrt(squares);
  }

  private static double squares(int n, float[] x, int xo) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int whole = n / 4 * 4;
    for (int i = xo; i < xo + whole; i += 4) {
      s0 += (double) x[i] * x[i];
      s1 += (double) x[i + 1] * x[i + 1];
      s2 += (double) x[i + 2] * x[i + 2];
      s3 += (double) x[i + 3] * x[i + 3];
    }
    double sum = (s0 + s2) + (s1 + s3);
    for (int i = xo + whole; i < xo + n; i++) {
      sum += (double) x[i] * x[i];
    }
    return sum;
  }

  private float inPieces(ReduceOp op, int length, CpuStorage.Floats x) {
    int pieces = Math.ceilDiv(length, Elementwise.CHUNK);
    var parts = new float[pieces];
    team.run(pieces, piece -> parts[piece] = foldPiece(op, length, x.array, x.offset, piece));
    return fold(op, pieces, parts, 0);
  }

  private static float foldPiece(ReduceOp op, int length, float[] x, int offset, int piece) {
    int from = piece * Elementwise.CHUNK;
    return fold(op, Math.min(Elementwise.CHUNK, length - from), x, offset + from);
  }

  private static float fold(ReduceOp op, int n, float[] x, int from) {
    if (n > Elementwise.CHUNK) {
      var parts = new float[Math.ceilDiv(n, Elementwise.CHUNK)];
      for (int piece = 0; piece < parts.length; piece++) {
        parts[piece] = foldPiece(op, n, x, from, piece);
      }
      return fold(op, parts.length, parts, 0);
    }
    return switch (op) {
      case SUM -> sum(n, x, from);
      case MAX -> max(n, x, from);
      case MIN -> min(n, x, from);
    };
  }

  private void overRows(ReduceOp op, Reduction r, CpuStorage.Floats x, CpuStorage.Floats y) {
    int inner = r.inner();
    // Columns are cut so that the sums stay in the first-level cache.
    int width = Math.min(inner, 1024);
    int across = (inner + width - 1) / width;
    team.run(
        r.outer() * across,
        task -> {
          int o = task / across;
          int column = task % across * width;
          int n = Math.min(width, inner - column);
          int to = y.offset + o * inner + column;
          int from = x.offset + o * r.length() * inner + column;
          int first = Math.min(r.length(), op == ReduceOp.SUM ? BLOCK : Integer.MAX_VALUE);
          foldRows(op, first, n, x.array, from, inner, y.array, to);
          if (first == r.length()) {
            return;
          }
          var block = new float[n];
          for (int row = first; row < r.length(); row += BLOCK) {
            int rows = Math.min(BLOCK, r.length() - row);
            foldRows(op, rows, n, x.array, from + row * inner, inner, block, 0);
            kernels.elements().add(n, y.array, to, block, 0, y.array, to);
          }
        });
  }

  /** Folds rows of {@code n} elements one after another. */
  private void foldRows(
      ReduceOp op, int rows, int n, float[] x, int from, int stride, float[] y, int to) {
    System.arraycopy(x, from, y, to, n);
    var k = kernels.elements();
    for (int l = 1; l < rows; l++) {
      int row = from + l * stride;
      switch (op) {
        case SUM -> k.add(n, y, to, x, row, y, to);
        case MAX -> {
          for (int i = 0; i < n; i++) {
            y[to + i] = Math.max(y[to + i], x[row + i]);
          }
        }
        case MIN -> {
          for (int i = 0; i < n; i++) {
            y[to + i] = Math.min(y[to + i], x[row + i]);
          }
        }
      }
    }
  }

  /** The sum of {@code n} elements. */
  static float sum(int n, float[] x, int from) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int whole = n / PARTS * PARTS;
    for (int i = from; i < from + whole; i += PARTS) {
      s0 += x[i];
      s1 += x[i + 1];
      s2 += x[i + 2];
      s3 += x[i + 3];
      s4 += x[i + 4];
      s5 += x[i + 5];
      s6 += x[i + 6];
      s7 += x[i + 7];
    }
    float sum = ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
    for (int i = from + whole; i < from + n; i++) {
      sum += x[i];
    }
    return sum;
  }

  /** The greatest of {@code n} elements; NaN where one is. */
  static float max(int n, float[] x, int from) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + n; i++) {
      max = Math.max(max, x[i]);
    }
    return max;
  }

  private static float min(int n, float[] x, int from) {
    float min = Float.POSITIVE_INFINITY;
    for (int i = from; i < from + n; i++) {
      min = Math.min(min, x[i]);
    }
    return min;
  }

  void argMax(int columns, CpuStorage.Floats x, CpuStorage.Ints indices) {
    for (int row = 0; row < indices.length; row++) {
      int from = x.offset + row * columns;
      int greatest = 0;
      for (int j = 1; j < columns; j++) {
        if (x.array[from + j] > x.array[from + greatest]) {
          greatest = j;
        }
      }
      indices.array[indices.offset + row] = greatest;
    }
  }
}
