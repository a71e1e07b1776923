package dev.impromptu.backend.cpu;

import static dev.impromptu.backend.cpu.CpuStorage.floats;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Storage;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a convolution's weight and bias. For each tap the weight's gradient is the
 * product of the input, transposed, with the gradients of the steps that saw it through that tap;
 * sequences and stretches of time are added up one after another, an order that depends on the
 * shape alone.
 */
final class ConvolutionGradients {
  /** Input channels of a task. */
  private static final int CHANNELS = 16;

  /** Steps whose inputs and gradients stay in the first-level cache. */
  private static final int STEPS = 64;

  private static final int BIAS_TILE = 128;

  private final Team team;
  private final MemoryPool pool;
  private final Kernels kernels;

  ConvolutionGradients(Team team, MemoryPool pool, Kernels kernels) {
    this.team = team;
    this.pool = pool;
    this.kernels = kernels;
  }

  void run(ConvShape shape, Storage x, Storage dy, Storage dWeight, @Nullable Storage dBias) {
    var s = Convolution.flat(shape);
    var input = floats(x);
    var given = floats(dy);
    var wanted = floats(dWeight);
    var kernel = kernels.product();
    int rows = s.batch() * s.time();
    int out = s.outChannels();
    var memory = pool.floats(PackedMatrix.size(kernel, rows, out));
    try {
      var packed = new PackedMatrix(kernel, memory.array, rows, out);
      team.run(packed.count(), panel -> packed.pack(panel, false, given.array, given.offset));
      team.run(
          packed.count() * ((s.inChannels() + CHANNELS - 1) / CHANNELS),
          task -> {
            int panel = task % packed.count();
            weight(s, input, packed, kernel.width(), panel, task / packed.count(), wanted);
          });
    } finally {
      pool.release(memory);
    }
    if (dBias != null) {
      bias(rows, out, given, floats(dBias));
    }
  }

  /** All taps for some input channels and one panel of output channels. */
  private void weight(
      ConvShape s,
      CpuStorage.Floats x,
      PackedMatrix dy,
      int width,
      int panel,
      int tile,
      CpuStorage.Floats dWeight) {
    int taps = s.kernel();
    int in = s.inChannels();
    int firstIn = tile * CHANNELS;
    int channels = Math.min(CHANNELS, in - firstIn);
    int area = channels * width;
    var sums = pool.floats(taps * area);
    try {
      Arrays.fill(sums.array, 0, taps * area, 0f);
      for (int b = 0; b < s.batch(); b++) {
        for (int t = 0; t < s.time(); t += STEPS) {
          int steps = Math.min(STEPS, s.time() - t);
          int row = b * s.time() + t;
          for (int tap = 0; tap < taps; tap++) {
            int lag = s.lag(tap);
            int seen = Math.min(steps, s.time() - lag - t);
            if (seen > 0) {
              dy.accumulate(
                  panel,
                  row + lag,
                  seen,
                  channels,
                  x.array,
                  x.offset + row * in + firstIn,
                  1,
                  in,
                  sums.array,
                  tap * area,
                  width);
            }
          }
        }
      }
      int firstOut = panel * width;
      for (int tap = 0; tap < taps; tap++) {
        for (int c = 0; c < channels; c++) {
          int from = tap * area + c * width;
          int to = dWeight.offset + (firstOut * in + firstIn + c) * taps + tap;
          for (int o = 0; o < Math.min(width, s.outChannels() - firstOut); o++) {
            dWeight.array[to + o * in * taps] = sums.array[from + o];
          }
        }
      }
    } finally {
      pool.release(sums);
    }
  }

  /** The sum over all rows, one after another. */
  private void bias(int rows, int width, CpuStorage.Floats dy, CpuStorage.Floats dBias) {
    var k = kernels.elements();
    team.run(
        (width + BIAS_TILE - 1) / BIAS_TILE,
        tile -> {
          int from = tile * BIAS_TILE;
          int n = Math.min(BIAS_TILE, width - from);
          int to = dBias.offset + from;
          System.arraycopy(dy.array, dy.offset + from, dBias.array, to, n);
          for (int r = 1; r < rows; r++) {
            int row = dy.offset + r * width + from;
            k.add(n, dBias.array, to, dy.array, row, dBias.array, to);
          }
        });
  }
}
