package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.LaunchShape;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of {@code conv.cu}: the causal dilated convolution, whole, gated, backwards and step
 * by step. They compute in 32 bits whatever the precision of the device. How the work is cut
 * follows from the shape alone, never from the chip, so that two chips add up in one order.
 */
final class ConvKernels implements ConvOperations {
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;

  /** Columns of a tile; the gated tile holds half as many filters, and their gates. */
  private static final int COLUMNS = 64;

  private static final int LOW = 16;
  private static final int TALL = 64;

  /**
   * Blocks that keep a large chip busy. A tall tile reads less, but only where there are enough.
   */
  private static final int BUSY = 128;

  /** Rows of a piece of the weight's gradient at least, and into how many blocks it is cut. */
  private static final int LEAST_PIECE = 64;

  private static final int PIECE_BLOCKS = 256;

  /** Weights up to which one block of a stream is quick enough to spare a second launch. */
  private static final int SMALL = 16_384;

  private static final int MOST_BLOCKS = 4096;

  private final CudaRuntime runtime;
  private final KernelFamily kernels;

  ConvKernels(CudaRuntime runtime) {
    this.runtime = runtime;
    kernels = runtime.family("conv");
  }

  @Override
  public String description() {
    return "own kernels, in fp32";
  }

  /** {@link dev.impromptu.backend.Backend#causalConv1d}. */
  @Override
  public void forward(
      ConvShape s,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      @Nullable Storage added,
      Storage y) {
    Tiles tiles = tiles(s, s.outChannels(), COLUMNS);
    kernels.launch(
        tiles.kernel("conv_forward"),
        tiles.shape(),
        floats(x),
        floats(weight),
        floatsOrNull(bias),
        floatsOrNull(added),
        floats(y),
        rows(s),
        s.time(),
        s.inChannels(),
        s.outChannels(),
        s.kernel(),
        s.dilation());
  }

  /** {@link dev.impromptu.backend.Backend#gatedConv1d}. */
  @Override
  public void gated(
      ConvShape s, Storage x, Storage weight, @Nullable Storage bias, Storage gates, Storage y) {
    Tiles tiles = tiles(s, s.outChannels() / 2, COLUMNS / 2);
    kernels.launch(
        tiles.kernel("conv_gated"),
        tiles.shape(),
        floats(x),
        floats(weight),
        floatsOrNull(bias),
        floats(gates),
        floats(y),
        rows(s),
        s.time(),
        s.inChannels(),
        s.outChannels(),
        s.kernel(),
        s.dilation());
  }

  /** {@link dev.impromptu.backend.Backend#gatedConv1dBackward}. */
  void gatedBackward(ConvShape s, Storage gates, Storage dy, Storage dPre) {
    int half = s.outChannels() / 2;
    int count = Math.multiplyExact(rows(s), half);
    kernels.launch(
        "conv_gate_backward",
        LaunchShape.covering(count),
        floats(gates),
        floats(dy),
        floats(dPre),
        count,
        half);
  }

  /** {@link dev.impromptu.backend.Backend#causalConv1dBackwardInput}. */
  @Override
  public void backwardInput(
      ConvShape s, Storage dy, Storage weight, @Nullable Storage added, Storage dx) {
    Tiles tiles = tiles(s, s.inChannels(), COLUMNS);
    kernels.launch(
        tiles.kernel("conv_input"),
        tiles.shape(),
        floats(dy),
        floats(weight),
        floatsOrNull(added),
        floats(dx),
        rows(s),
        s.time(),
        s.inChannels(),
        s.outChannels(),
        s.kernel(),
        s.dilation());
  }

  /** {@link dev.impromptu.backend.Backend#causalConv1dBackwardWeight}. */
  @Override
  public void backwardWeight(
      ConvShape s, Storage x, Storage dy, Storage dWeight, @Nullable Storage dBias) {
    int in = s.inChannels();
    int out = s.outChannels();
    int tiles =
        Math.multiplyExact(
            Math.multiplyExact(Math.ceilDiv(in, COLUMNS), Math.ceilDiv(out, COLUMNS)), s.kernel());
    int piece = piece(rows(s), tiles);
    int pieces = Math.ceilDiv(rows(s), piece);
    int each = Math.addExact(floats(dWeight).length(), out);
    CudaStorage parts = runtime.allocate(DType.FLOAT32, Math.multiplyExact(pieces, each));
    try {
      kernels.launch(
          "conv_weight",
          new LaunchShape(tiles, pieces, THREADS, 0),
          floats(x),
          floats(dy),
          parts,
          rows(s),
          s.time(),
          in,
          out,
          s.kernel(),
          s.dilation(),
          piece);
      kernels.launch(
          "conv_weight_sum",
          LaunchShape.covering(each),
          parts,
          floats(dWeight),
          floatsOrNull(dBias),
          pieces,
          in,
          out,
          s.kernel());
    } finally {
      parts.span().memory().close();
    }
  }

  /** Rows of a piece: as many as leave {@link #PIECE_BLOCKS} blocks, and not too few. */
  static int piece(int rows, int tiles) {
    int wanted = Math.clamp(PIECE_BLOCKS / tiles, 1, Math.ceilDiv(rows, LEAST_PIECE));
    return Math.ceilDiv(rows, wanted);
  }

  /** {@link dev.impromptu.backend.Backend#causalConv1dStep}. */
  void step(
      ConvShape s,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      Storage ring,
      int position,
      Storage y) {
    int out = s.outChannels();
    int history = s.history();
    LaunchShape grid = stepGrid(s);
    kernels.launch(
        "conv_step",
        grid,
        floats(x),
        floats(weight),
        floatsOrNull(bias),
        floats(ring),
        floats(y),
        s.batch(),
        s.inChannels(),
        out,
        s.kernel(),
        s.dilation(),
        position);
    if (grid.blocks() > 1 && history > 0) {
      int count = floats(x).length();
      kernels.launch(
          "conv_remember",
          LaunchShape.covering(count),
          floats(x),
          floats(ring),
          count,
          s.inChannels(),
          history,
          position % history);
    }
  }

  static LaunchShape stepGrid(ConvShape s) {
    boolean alone = (long) s.outChannels() * s.inChannels() * s.kernel() <= SMALL;
    int blocks = alone ? 1 : Math.min(Math.ceilDiv(s.outChannels(), WARPS), MOST_BLOCKS);
    return new LaunchShape(blocks, Math.min(s.batch(), LaunchShape.MOST_ROWS), THREADS, 0);
  }

  /**
   * How a product of rows is cut.
   *
   * @param height rows of a tile
   * @param shape of the launch
   */
  private record Tiles(int height, LaunchShape shape) {
    String kernel(String name) {
      return name + "_" + height;
    }
  }

  private static Tiles tiles(ConvShape s, int columns, int width) {
    int across = Math.ceilDiv(columns, width);
    int tall = Math.ceilDiv(rows(s), TALL);
    int height = (long) tall * across >= BUSY ? TALL : LOW;
    return new Tiles(height, new LaunchShape(Math.ceilDiv(rows(s), height), across, THREADS, 0));
  }

  private static int rows(ConvShape s) {
    return Math.multiplyExact(s.batch(), s.time());
  }

  private static @Nullable CudaStorage floatsOrNull(@Nullable Storage storage) {
    return storage == null ? null : floats(storage);
  }
}
