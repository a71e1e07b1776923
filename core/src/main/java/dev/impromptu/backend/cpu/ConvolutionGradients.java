package dev.impromptu.backend.cpu;

import static dev.impromptu.backend.cpu.CpuStorage.floats;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Storage;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a convolution's weight and bias. For each tap the weight's gradient is the
 * product of the input, transposed, with the gradients of the steps that saw it through that tap.
 * Rows are cut into pieces whose sums are added up one after another: how they are cut depends on
 * the shape alone, and so does the order.
 */
final class ConvolutionGradients {
  /** Input channels of a task: whole sixes. */
  private static final int CHANNELS = 24;

  /** Steps whose inputs and gradients stay in the first-level cache. */
  private static final int STEPS = 64;

  /** Rows of a piece at least: as many as stay in the second-level cache for all channels. */
  private static final int PIECE = 512;

  /** Elements of all pieces' sums together, as long as there is more than one piece. */
  private static final int MOST_SUMS = 1 << 20;

  private static final float[] ONE = {1f};

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
    var kernel = kernels.product();
    var cut = new Cut(s, kernel.width());
    var parts = pool.aligned(Math.multiplyExact(cut.pieces(), cut.sums()));
    try {
      var call = new Call(s, cut, kernel, floats(x), floats(dy), parts);
      int tiles = cut.tiles();
      team.run(cut.pieces() * tiles, task -> part(call, task / tiles, cut.tile(task % tiles)));
      var wanted = floats(dWeight);
      var bias = CpuStorage.floatsOrNull(dBias);
      team.run(tiles, tile -> total(call, cut.tile(tile), wanted, bias));
    } finally {
      pool.release(parts);
    }
  }

  /** How rows are cut into pieces, and the weight into tiles. */
  private record Cut(ConvShape shape, int width) {
    int rows() {
      return shape.batch() * shape.time();
    }

    int pieces() {
      long weight = (long) shape.inChannels() * shape.outChannels() * shape.kernel();
      return Math.clamp(MOST_SUMS / weight, 1, (rows() + PIECE - 1) / PIECE);
    }

    int firstRow(int piece) {
      return (int) ((long) rows() * piece / pieces());
    }

    int panels() {
      return (shape.outChannels() + width - 1) / width;
    }

    int tiles() {
      return panels() * ((shape.inChannels() + CHANNELS - 1) / CHANNELS);
    }

    int area() {
      return shape.kernel() * CHANNELS * width;
    }

    /** Elements of a piece's sums: of all tiles, then of the bias. */
    int sums() {
      return Math.addExact(Math.multiplyExact(tiles(), area()), panels() * width);
    }

    Tile tile(int index) {
      int firstIn = index / panels() * CHANNELS;
      int firstOut = index % panels() * width;
      return new Tile(
          index * area(),
          tiles() * area() + firstOut,
          firstIn,
          Math.min(CHANNELS, shape.inChannels() - firstIn),
          firstOut,
          Math.min(width, shape.outChannels() - firstOut));
    }
  }

  /**
   * Some channels of the weight.
   *
   * @param sums where its sums {@code [taps, CHANNELS, width]} are among those of a piece
   * @param bias where those of its output channels' bias are
   */
  private record Tile(int sums, int bias, int firstIn, int ins, int firstOut, int outs) {
    /** One of the tiles of each output channel sums the bias too. */
    boolean hasBias() {
      return firstIn == 0;
    }
  }

  private record Call(
      ConvShape shape,
      Cut cut,
      ProductKernel kernel,
      CpuStorage.Floats x,
      CpuStorage.Floats dy,
      CpuStorage.Floats parts) {
    /** Where the sums of a piece begin. */
    int piece(int piece) {
      return parts.offset + piece * cut.sums();
    }
  }

  /** One piece of the sums of one tile. */
  private void part(Call call, int piece, Tile tile) {
    var s = call.shape;
    int sums = call.piece(piece) + tile.sums;
    int bias = call.piece(piece) + tile.bias;
    int width = call.cut.width;
    Arrays.fill(call.parts.array, sums, sums + call.cut.area(), 0f);
    Arrays.fill(call.parts.array, bias, bias + (tile.hasBias() ? width : 0), 0f);
    int end = call.cut.firstRow(piece + 1);
    for (int row = call.cut.firstRow(piece), steps; row < end; row += steps) {
      int t = row % s.time();
      steps = Math.min(STEPS, Math.min(s.time() - t, end - row));
      for (int tap = 0; tap < s.kernel(); tap++) {
        int lag = s.lag(tap);
        int seen = Math.min(steps, s.time() - lag - t);
        if (seen > 0) {
          accumulate(call, tile, row, row + lag, seen, sums + tap * CHANNELS * width);
        }
      }
      if (tile.hasBias()) {
        addRows(call, tile, row, steps, bias);
      }
    }
  }

  /**
   * The product of inputs from {@code row} on, transposed, with gradients from {@code later} on.
   */
  private void accumulate(Call call, Tile tile, int row, int later, int steps, int sums) {
    int in = call.shape.inChannels();
    int out = call.shape.outChannels();
    int width = call.cut.width;
    int x = call.x.offset + row * in + tile.firstIn;
    int dy = call.dy.offset + later * out + tile.firstOut;
    if (tile.outs == width) {
      call.kernel.accumulate(
          tile.ins,
          steps,
          call.x.array,
          x,
          1,
          in,
          call.dy.array,
          dy,
          out,
          call.parts.array,
          sums,
          width);
      return;
    }
    // The kernel reads whole panels.
    var panel = pool.floats(STEPS * width);
    try {
      for (int t = 0; t < steps; t++) {
        System.arraycopy(call.dy.array, dy + t * out, panel.array, t * width, tile.outs);
        Arrays.fill(panel.array, t * width + tile.outs, (t + 1) * width, 0f);
      }
      call.kernel.accumulate(
          tile.ins,
          steps,
          call.x.array,
          x,
          1,
          in,
          panel.array,
          0,
          width,
          call.parts.array,
          sums,
          width);
    } finally {
      pool.release(panel);
    }
  }

  /** The bias's gradient: the sum of all rows, one after another. */
  private void addRows(Call call, Tile tile, int row, int rows, int bias) {
    int out = call.shape.outChannels();
    if (tile.outs == call.cut.width) {
      // A row of ones times the gradients: the sums stay in registers.
      int from = call.dy.offset + row * out + tile.firstOut;
      call.kernel.accumulate(
          1, rows, ONE, 0, 0, 0, call.dy.array, from, out, call.parts.array, bias, out);
      return;
    }
    var k = kernels.elements();
    for (int r = 0; r < rows; r++) {
      int from = call.dy.offset + (row + r) * out + tile.firstOut;
      k.add(tile.outs, call.parts.array, bias, call.dy.array, from, call.parts.array, bias);
    }
  }

  /** Adds up the pieces of a tile, and writes it in the order of the weight. */
  private void total(
      Call call, Tile tile, CpuStorage.Floats dWeight, CpuStorage.@Nullable Floats dBias) {
    var cut = call.cut;
    float[] parts = call.parts.array;
    int sums = call.piece(0) + tile.sums;
    int bias = call.piece(0) + tile.bias;
    var k = kernels.elements();
    for (int piece = 1; piece < cut.pieces(); piece++) {
      k.add(cut.area(), parts, sums, parts, call.piece(piece) + tile.sums, parts, sums);
      if (tile.hasBias()) {
        k.add(tile.outs, parts, bias, parts, call.piece(piece) + tile.bias, parts, bias);
      }
    }
    int taps = call.shape.kernel();
    int in = call.shape.inChannels();
    for (int tap = 0; tap < taps; tap++) {
      for (int c = 0; c < tile.ins; c++) {
        int from = sums + (tap * CHANNELS + c) * cut.width;
        int to = dWeight.offset + (tile.firstOut * in + tile.firstIn + c) * taps + tap;
        for (int o = 0; o < tile.outs; o++) {
          dWeight.array[to + o * in * taps] = parts[from + o];
        }
      }
    }
    if (dBias != null && tile.hasBias()) {
      System.arraycopy(parts, bias, dBias.array, dBias.offset + tile.firstOut, tile.outs);
    }
  }
}
