package dev.impromptu.backend.cpu;

import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Normalisation of rows, each while it lies in the cache. A row's deviations are taken from its
 * mean as rounded, and what their own mean still says is taken off as well: so a mean far from 0
 * costs no digits. Sums over long rows are sums of the sums of pieces.
 */
final class LayerNorm {
  /** What is kept of a row: the mean, what its rounding left out, and 1 / deviation. */
  private static final int MOMENTS = 3;

  /** Rows whose gradients of the parameters are added one after another, where they are narrow. */
  private static final int MOST_ROWS = 256;

  /** The sums of so many rows take an eighth of the memory that was read for them. */
  private static final int LEAST_ROWS = 8;

  private static final int MOST_PIECES = 256;

  private final Team team;
  private final MemoryPool pool;
  private final Reductions reductions;
  private final Kernels kernels;

  LayerNorm(Team team, MemoryPool pool, Reductions reductions, Kernels kernels) {
    this.team = team;
    this.pool = pool;
    this.reductions = reductions;
    this.kernels = kernels;
  }

  void forward(
      double epsilon,
      CpuStorage.Floats x,
      CpuStorage.Floats weight,
      CpuStorage.Floats bias,
      CpuStorage.Floats y,
      CpuStorage.Floats moments) {
    int width = weight.length;
    var k = kernels.norms();
    inGroups(
        moments.length / MOMENTS,
        Math.max(1, Elementwise.CHUNK / width),
        (_, first, end) -> {
          var sums = new float[NormKernels.SUMS];
          for (int row = first; row < end; row++) {
            int from = x.offset + row * width;
            int to = y.offset + row * width;
            int kept = moments.offset + row * MOMENTS;
            measure(k, epsilon, width, x.array, from, sums, moments.array, kept);
            k.normalise(
                width,
                moments.array,
                kept,
                x.array,
                from,
                weight.array,
                weight.offset,
                bias.array,
                bias.offset,
                y.array,
                to);
          }
        });
  }

  private static void measure(
      NormKernels k,
      double epsilon,
      int width,
      float[] x,
      int xo,
      float[] sums,
      float[] moments,
      int mo) {
    double total = 0;
    for (int from = 0; from < width; from += Elementwise.CHUNK) {
      k.deviations(Math.min(Elementwise.CHUNK, width - from), 0f, x, xo + from, sums);
      total += sums[0];
    }
    float mean = (float) (total / width);
    double deviations = 0;
    double squares = 0;
    for (int from = 0; from < width; from += Elementwise.CHUNK) {
      k.deviations(Math.min(Elementwise.CHUNK, width - from), mean, x, xo + from, sums);
      deviations += sums[0];
      squares += sums[1];
    }
    double rest = deviations / width;
    // Of equal elements nothing but a rounding error is left, which may be below 0.
    double variance = Math.max(0, squares / width - rest * rest);
    moments[mo] = mean;
    moments[mo + 1] = (float) rest;
    moments[mo + 2] = (float) (1 / Math.sqrt(variance + epsilon));
  }

  void backward(
      CpuStorage.Floats x,
      CpuStorage.Floats weight,
      CpuStorage.Floats moments,
      CpuStorage.Floats dy,
      CpuStorage.@Nullable Floats dx,
      CpuStorage.Floats dWeight,
      CpuStorage.Floats dBias) {
    int width = weight.length;
    int rows = moments.length / MOMENTS;
    int group = gradientRows(rows, width);
    int groups = Math.ceilDiv(rows, group);
    var k = kernels.norms();
    var dWeights = pool.floats(groups * width);
    var dBiases = pool.floats(groups * width);
    try {
      inGroups(
          rows,
          group,
          (number, first, end) -> {
            var sums = new float[NormKernels.SUMS];
            int dw = dWeights.offset + number * width;
            int db = dBiases.offset + number * width;
            Arrays.fill(dWeights.array, dw, dw + width, 0f);
            Arrays.fill(dBiases.array, db, db + width, 0f);
            for (int row = first; row < end; row++) {
              int kept = moments.offset + row * MOMENTS;
              int from = x.offset + row * width;
              int given = dy.offset + row * width;
              double sum = 0;
              double product = 0;
              for (int at = 0; at < width; at += Elementwise.CHUNK) {
                k.normaliseParameters(
                    Math.min(Elementwise.CHUNK, width - at),
                    moments.array,
                    kept,
                    x.array,
                    from + at,
                    weight.array,
                    weight.offset + at,
                    dy.array,
                    given + at,
                    dWeights.array,
                    dw + at,
                    dBiases.array,
                    db + at,
                    sums);
                sum += sums[0];
                product += sums[1];
              }
              if (dx != null) {
                k.normaliseBackward(
                    width,
                    moments.array,
                    kept,
                    (float) (sum / width),
                    (float) (product / width),
                    x.array,
                    from,
                    weight.array,
                    weight.offset,
                    dy.array,
                    given,
                    dx.array,
                    dx.offset + row * width);
              }
            }
          });
      var allGroups = new Reduction(1, groups, width);
      reductions.reduce(ReduceOp.SUM, allGroups, dWeights, dWeight);
      reductions.reduce(ReduceOp.SUM, allGroups, dBiases, dBias);
    } finally {
      pool.release(dBiases);
      pool.release(dWeights);
    }
  }

  /** How many rows one task takes, whose gradients of the parameters are summed by themselves. */
  private static int gradientRows(int rows, int width) {
    int rowsOfAChunk = Math.clamp(Elementwise.CHUNK / width, LEAST_ROWS, MOST_ROWS);
    return Math.max(rowsOfAChunk, Math.ceilDiv(rows, MOST_PIECES));
  }

  /** Something to do with the rows of one group. */
  @FunctionalInterface
  private interface Group {
    void on(int number, int first, int end);
  }

  private void inGroups(int rows, int size, Group group) {
    team.run(
        Math.ceilDiv(rows, size),
        number -> group.on(number, number * size, Math.min(rows, (number + 1) * size)));
  }
}
