package dev.impromptu.backend.cpu;

import static dev.impromptu.backend.cpu.CpuStorage.floats;
import static dev.impromptu.backend.cpu.CpuStorage.floatsOrNull;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.Storage;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The causal dilated convolution as products of shifted rows: the channels of a step lie together,
 * so each tap is one product of the same rows, moved in time, with that tap's slice of the weight,
 * and the input is never copied once for each tap.
 *
 * <p>Every element is one chain of sums, first value, then tap by tap, channel by channel, wherever
 * tiles are cut: the bits depend on neither the threads nor OpenBLAS, which is not asked. A forward
 * of one tap and of so few rows that packing the weight would be most of the work takes dot
 * products instead, whose bits are their own.
 */
final class Convolution {
  /** Rows whose sums stay in the first-level cache while all taps pass by: whole sixes. */
  private static final int TILE = 48;

  private final Team team;
  private final MemoryPool pool;
  private final Products products;
  private final Kernels kernels;

  Convolution(Team team, MemoryPool pool, Products products, Kernels kernels) {
    this.team = team;
    this.pool = pool;
    this.products = products;
    this.kernels = kernels;
  }

  /** What becomes of a tile of finished rows. */
  @FunctionalInterface
  interface Result {
    /**
     * Takes them.
     *
     * @param row number of the first among {@code [batch, time]}
     * @param rows how many
     * @param tile {@code [rows, .]}
     * @param stride from one row of the tile to the next
     */
    void take(int row, int rows, float[] tile, int offset, int stride);
  }

  void forward(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      @Nullable Storage added,
      Storage y) {
    sums(
        shape,
        x,
        weight,
        new Start(floatsOrNull(bias), floatsOrNull(added)),
        new Into(floats(y), shape.outChannels()));
  }

  /** The sums of the forward, before anything is done to them. */
  void sums(ConvShape shape, Storage x, Storage weight, Start start, Result result) {
    var s = flat(shape);
    var w = floats(weight);
    int in = s.inChannels();
    int taps = s.kernel();
    if (taps == 1 && s.time() < Products.FEW_ROWS) {
      fewRows(s, floats(x), w, start, result);
      return;
    }
    run(
        new Call(s, floats(x), in, s.outChannels(), false, start, result),
        (packed, panel) -> packed.packTaps(panel, taps, w.array, w.offset, taps, in * taps));
  }

  /**
   * What sums begin with, each perhaps zeros.
   *
   * @param bias the same for every row
   * @param added for each row its own
   */
  record Start(CpuStorage.@Nullable Floats bias, CpuStorage.@Nullable Floats added) {
    /** Writes some rows, and zeros behind each up to {@code stride}. */
    void write(Kernels kernels, int row, int rows, int columns, float[] to, int at, int stride) {
      for (int r = 0, t = at; r < rows; r++, t += stride) {
        if (added != null) {
          int from = added.offset + (row + r) * columns;
          if (bias == null) {
            System.arraycopy(added.array, from, to, t, columns);
          } else {
            kernels.elements().add(columns, added.array, from, bias.array, bias.offset, to, t);
          }
        } else if (bias != null) {
          System.arraycopy(bias.array, bias.offset, to, t, columns);
        } else {
          Arrays.fill(to, t, t + columns, 0f);
        }
        Arrays.fill(to, t + columns, t + stride, 0f);
      }
    }
  }

  private void fewRows(
      ConvShape s, CpuStorage.Floats x, CpuStorage.Floats weight, Start start, Result result) {
    int out = s.outChannels();
    var sums = pool.floats(s.time() * out);
    try {
      start.write(kernels, 0, s.time(), out, sums.array, 0, out);
      product(s.time(), s.inChannels(), out, x.array, x.offset, weight, sums.array, 0);
      result.take(0, s.time(), sums.array, 0, out);
    } finally {
      pool.release(sums);
    }
  }

  /** {@code y += x weight'}, the weight read where it lies. */
  private void product(
      int rows, int in, int out, float[] x, int from, CpuStorage.Floats weight, float[] y, int to) {
    products.multiply(
        new Matmul(1, rows, out, in, false, true),
        true,
        x,
        from,
        weight.array,
        weight.offset,
        y,
        to);
  }

  void backwardInput(
      ConvShape shape, Storage dy, Storage weight, @Nullable Storage added, Storage dx) {
    var s = flat(shape);
    var w = floats(weight);
    int in = s.inChannels();
    int out = s.outChannels();
    int taps = s.kernel();
    var start = new Start(null, floatsOrNull(added));
    run(
        new Call(s, floats(dy), out, in, true, start, new Into(floats(dx), in)),
        (packed, panel) -> packed.packTaps(panel, taps, w.array, w.offset, in * taps, taps));
  }

  /** With one tap all rows stand for themselves, so tiles may run across sequences. */
  static ConvShape flat(ConvShape s) {
    return s.kernel() > 1
        ? s
        : new ConvShape(1, s.batch() * s.time(), s.inChannels(), s.outChannels(), 1, 1);
  }

  /** Writes finished rows where they belong. */
  private record Into(CpuStorage.Floats target, int width) implements Result {
    @Override
    public void take(int row, int rows, float[] tile, int offset, int stride) {
      for (int r = 0; r < rows; r++) {
        System.arraycopy(
            tile, offset + r * stride, target.array, target.offset + (row + r) * width, width);
      }
    }
  }

  /**
   * One pass of shifted rows.
   *
   * @param depth channels of a row that goes in
   * @param columns channels of a row that comes out
   * @param later whether a tap's rows come from later steps, as gradients do, or from earlier ones
   */
  private record Call(
      ConvShape shape,
      CpuStorage.Floats rows,
      int depth,
      int columns,
      boolean later,
      Start start,
      Result result) {}

  /** Packs one panel of the weight. */
  @FunctionalInterface
  private interface Packing {
    void pack(PackedMatrix packed, int panel);
  }

  private void run(Call call, Packing packing) {
    var s = call.shape;
    var kernel = kernels.product();
    int depth = call.depth * s.kernel();
    var memory = pool.aligned(PackedMatrix.size(kernel, depth, call.columns));
    var packed = new PackedMatrix(kernel, memory, depth, call.columns);
    try {
      team.run(packed.count(), panel -> packing.pack(packed, panel));
      int tiles = (s.time() + TILE - 1) / TILE;
      team.run(
          s.batch() * tiles,
          task -> {
            int t = task % tiles * TILE;
            tile(call, packed, task / tiles, t, Math.min(TILE, s.time() - t));
          });
    } finally {
      pool.release(memory);
    }
  }

  /** Rows that come out as wide as whole panels are summed where they belong. */
  private void tile(Call call, PackedMatrix packed, int batch, int t, int rows) {
    int row = batch * call.shape.time() + t;
    int stride = packed.stride();
    if (call.result instanceof Into(var target, _) && stride == call.columns) {
      sum(call, packed, row, t, rows, target.array, target.offset + row * stride);
      return;
    }
    var sums = pool.aligned(rows * stride);
    try {
      sum(call, packed, row, t, rows, sums.array, sums.offset);
      call.result.take(row, rows, sums.array, sums.offset, stride);
    } finally {
      pool.release(sums);
    }
  }

  private void sum(
      Call call, PackedMatrix packed, int row, int t, int rows, float[] sums, int offset) {
    var s = call.shape;
    int stride = packed.stride();
    int width = packed.width();
    call.start.write(kernels, row, rows, call.columns, sums, offset, stride);
    for (int panel = 0; panel < packed.count(); panel++) {
      for (int tap = 0; tap < s.kernel(); tap++) {
        int lag = s.lag(tap);
        int from = call.later ? t : Math.max(t, lag);
        int to = call.later ? Math.min(t + rows, s.time() - lag) : t + rows;
        if (from < to) {
          int source = row - t + (call.later ? from + lag : from - lag);
          packed.accumulateRows(
              panel,
              tap * call.depth,
              call.depth,
              to - from,
              call.rows.array,
              call.rows.offset + source * call.depth,
              call.depth,
              sums,
              offset + (from - t) * stride + panel * width,
              stride);
        }
      }
    }
  }

  /** The taps' inputs side by side in the order of the weight: then a step is a plain product. */
  void step(
      ConvShape s,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      Storage ring,
      int position,
      Storage y) {
    var input = floats(x);
    var past = floats(ring);
    var output = floats(y);
    int in = s.inChannels();
    int taps = s.kernel();
    int history = s.history();
    var inputs = pool.floats(s.batch() * in * taps);
    try {
      for (int b = 0; b < s.batch(); b++) {
        for (int tap = 0; tap < taps - 1; tap++) {
          int slot = Math.floorMod(position - s.lag(tap), history);
          int from = past.offset + (b * history + slot) * in;
          spread(in, past.array, from, taps, inputs.array, b * in * taps + tap);
        }
        int from = input.offset + b * in;
        spread(in, input.array, from, taps, inputs.array, (b * in + 1) * taps - 1);
        if (history > 0) {
          int slot = past.offset + (b * history + position % history) * in;
          System.arraycopy(input.array, from, past.array, slot, in);
        }
      }
      int out = s.outChannels();
      new Start(floatsOrNull(bias), null)
          .write(kernels, 0, s.batch(), out, output.array, output.offset, out);
      product(
          s.batch(), in * taps, out, inputs.array, 0, floats(weight), output.array, output.offset);
    } finally {
      pool.release(inputs);
    }
  }

  private static void spread(int n, float[] from, int fromOffset, int step, float[] to, int at) {
    for (int i = 0; i < n; i++) {
      to[at + i * step] = from[fromOffset + i];
    }
  }
}
