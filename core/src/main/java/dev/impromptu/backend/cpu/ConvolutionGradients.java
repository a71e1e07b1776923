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

  /** Of the widest panel: the number of pieces must not depend on the machine's. */
  private static final int MOST_WIDTH = 64;

  private static final float[] ONES = new float[STEPS];

  static {
    Arrays.fill(ONES, 1f);
  }

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
      long columns = Math.ceilDiv(shape.outChannels(), MOST_WIDTH) * MOST_WIDTH;
      long sums = (long) tiles() * CHANNELS * shape.kernel() * columns;
      return Math.clamp(MOST_SUMS / sums, 1, Math.ceilDiv(rows(), PIECE));
    }

    int firstRow(int piece) {
      return (int) ((long) rows() * piece / pieces());
    }

    int panels() {
      return (shape.outChannels() + width - 1) / width;
    }

    /** Groups of input channels. */
    int tiles() {
      return (shape.inChannels() + CHANNELS - 1) / CHANNELS;
    }

    /** Elements of a panel's sums of a tile: {@code [taps, CHANNELS, width]}. */
    int area() {
      return shape.kernel() * CHANNELS * width;
    }

    /** Elements of a piece's sums: of all tiles, then of the bias. */
    int sums() {
      int ofTiles = Math.multiplyExact(tiles() * panels(), area());
      return Math.addExact(ofTiles, panels() * width);
    }

    /** Where the bias's are among them. */
    int bias() {
      return tiles() * panels() * area();
    }

    Tile tile(int index) {
      int first = index * CHANNELS;
      int ins = Math.min(CHANNELS, shape.inChannels() - first);
      return new Tile(index * panels() * area(), first, ins);
    }

    /** Output channels of a panel. */
    int outs(int panel) {
      return Math.min(width, shape.outChannels() - panel * width);
    }
  }

  /**
   * Some input channels of the weight.
   *
   * @param sums where its sums {@code [panels, taps, CHANNELS, width]} are among those of a piece
   */
  private record Tile(int sums, int first, int ins) {
    /** One of the tiles sums the bias too. */
    boolean hasBias() {
      return first == 0;
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
    var cut = call.cut;
    float[] parts = call.parts.array;
    int sums = call.piece(piece) + tile.sums;
    int bias = call.piece(piece) + cut.bias();
    Arrays.fill(parts, sums, sums + cut.panels() * cut.area(), 0f);
    Arrays.fill(parts, bias, bias + (tile.hasBias() ? cut.panels() * cut.width : 0), 0f);
    int end = cut.firstRow(piece + 1);
    var left = pool.floats(CHANNELS * STEPS);
    var right = pool.floats(STEPS * cut.width);
    try {
      int steps;
      for (int row = cut.firstRow(piece); row < end; row += steps) {
        int t = row % s.time();
        // Of one sequence.
        steps = Math.min(STEPS, Math.min(s.time() - t, end - row));
        int x = call.x.offset + row * s.inChannels() + tile.first;
        Transposition.write(
            steps, tile.ins, call.x.array, x, s.inChannels(), left.array, left.offset, STEPS);
        for (int panel = 0; panel < cut.panels(); panel++) {
          for (int tap = 0; tap < s.kernel(); tap++) {
            int lag = s.lag(tap);
            int seen = Math.min(steps, s.time() - lag - t);
            if (seen > 0) {
              int to = sums + panel * cut.area() + tap * CHANNELS * cut.width;
              add(call, tile.ins, left, row + lag, seen, panel, right, to);
            }
          }
          if (tile.hasBias()) {
            addRows(call, row, steps, panel, bias + panel * cut.width);
          }
        }
      }
    } finally {
      pool.release(right);
      pool.release(left);
    }
  }

  /**
   * The product of inputs, transposed, with a panel of the gradients from {@code row} on.
   *
   * @param right room for a panel
   */
  private static void add(
      Call call,
      int ins,
      CpuStorage.Floats left,
      int row,
      int steps,
      int panel,
      CpuStorage.Floats right,
      int sums) {
    int out = call.shape.outChannels();
    int width = call.cut.width;
    int outs = call.cut.outs(panel);
    float[] b = call.dy.array;
    int from = call.dy.offset + row * out + panel * width;
    int stride = out;
    if (outs < width) {
      // The kernel reads whole panels.
      for (int t = 0, to = right.offset; t < steps; t++, to += width) {
        System.arraycopy(b, from + t * out, right.array, to, outs);
        Arrays.fill(right.array, to + outs, to + width, 0f);
      }
      b = right.array;
      from = right.offset;
      stride = width;
    }
    call.kernel.accumulate(
        ins, steps, left.array, left.offset, STEPS, b, from, stride, call.parts.array, sums, width);
  }

  /** The bias's gradient: the sum of all rows, one after another. */
  private void addRows(Call call, int row, int rows, int panel, int bias) {
    int out = call.shape.outChannels();
    int outs = call.cut.outs(panel);
    float[] parts = call.parts.array;
    float[] dy = call.dy.array;
    int from = call.dy.offset + row * out + panel * call.cut.width;
    if (outs == call.cut.width) {
      // A row of ones times the gradients: the sums stay in registers.
      call.kernel.accumulate(1, rows, ONES, 0, STEPS, dy, from, out, parts, bias, out);
      return;
    }
    var k = kernels.elements();
    for (int r = 0; r < rows; r++) {
      k.add(outs, parts, bias, dy, from + r * out, parts, bias);
    }
  }

  /** Adds up the pieces of a tile, and writes it in the order of the weight. */
  private void total(
      Call call, Tile tile, CpuStorage.Floats dWeight, CpuStorage.@Nullable Floats dBias) {
    var cut = call.cut;
    float[] parts = call.parts.array;
    int sums = call.piece(0) + tile.sums;
    int length = cut.panels() * cut.area();
    int bias = call.piece(0) + cut.bias();
    int out = call.shape.outChannels();
    var k = kernels.elements();
    for (int piece = 1; piece < cut.pieces(); piece++) {
      k.add(length, parts, sums, parts, call.piece(piece) + tile.sums, parts, sums);
      if (tile.hasBias()) {
        k.add(out, parts, bias, parts, call.piece(piece) + cut.bias(), parts, bias);
      }
    }
    for (int panel = 0; panel < cut.panels(); panel++) {
      write(call, tile, panel, sums + panel * cut.area(), dWeight);
    }
    if (dBias != null && tile.hasBias()) {
      System.arraycopy(parts, bias, dBias.array, dBias.offset, out);
    }
  }

  private static void write(Call call, Tile tile, int panel, int sums, CpuStorage.Floats dWeight) {
    int taps = call.shape.kernel();
    int in = call.shape.inChannels();
    int width = call.cut.width;
    int outs = call.cut.outs(panel);
    for (int tap = 0; tap < taps; tap++) {
      for (int c = 0; c < tile.ins; c++) {
        int from = sums + (tap * CHANNELS + c) * width;
        int to = dWeight.offset + (panel * width * in + tile.first + c) * taps + tap;
        for (int o = 0; o < outs; o++) {
          dWeight.array[to + o * in * taps] = call.parts.array[from + o];
        }
      }
    }
  }
}
