package dev.impromptu.backend.cpu;

import java.util.Arrays;

/**
 * The right operand of a product, {@code [depth, columns]}, cut into panels that a {@link
 * ProductKernel} reads from front to back; the last panel is filled up with zeros.
 */
final class PackedMatrix {
  /** Floats of a panel that stay in the first-level cache while all rows pass by. */
  private static final int CACHED = 4096;

  /** Below this many rows a panel is hardly used twice, and its blocks only cost. */
  private static final int UNBLOCKED_ROWS = 8;

  private final ProductKernel kernel;
  private final float[] panels;
  private final int begin;
  private final int depth;
  private final int columns;

  /** Whether the panels are the matrix itself. */
  private final boolean inPlace;

  /** From one panel to the next. */
  private final int panelStride;

  /** From one row of a panel to the next. */
  private final int rowStride;

  /**
   * Packs nothing yet.
   *
   * @param memory at least {@link #size} long
   */
  PackedMatrix(ProductKernel kernel, CpuStorage.Floats memory, int depth, int columns) {
    this(kernel, memory, depth, columns, depth * kernel.width(), kernel.width(), false);
  }

  private PackedMatrix(
      ProductKernel kernel,
      CpuStorage.Floats memory,
      int depth,
      int columns,
      int panelStride,
      int rowStride,
      boolean inPlace) {
    this.kernel = kernel;
    this.inPlace = inPlace;
    this.panels = memory.array;
    this.begin = memory.offset;
    this.depth = depth;
    this.columns = columns;
    this.panelStride = panelStride;
    this.rowStride = rowStride;
  }

  /**
   * A row-major matrix whose panels are read where they lie, which pays where each is read once or
   * twice.
   *
   * @param columns whole panels
   */
  static PackedMatrix inPlace(
      ProductKernel kernel, CpuStorage.Floats matrix, int depth, int columns) {
    return new PackedMatrix(kernel, matrix, depth, columns, kernel.width(), columns, true);
  }

  /** How much memory the panels take. */
  static int size(ProductKernel kernel, int depth, int columns) {
    int width = kernel.width();
    return Math.multiplyExact((columns + width - 1) / width * width, depth);
  }

  /** The number of panels, each of which may be packed or used on its own. */
  int count() {
    return (columns + kernel.width() - 1) / kernel.width();
  }

  /** Packs one panel of {@code [depth, columns]}, or of {@code [columns, depth]} if transposed. */
  void pack(int panel, boolean transposed, float[] source, int offset) {
    if (transposed) {
      packTransposed(panel, source, offset);
    } else {
      packPlain(panel, source, offset);
    }
  }

  private void packPlain(int panel, float[] source, int offset) {
    packRows(panel, 0, depth, source, offset);
  }

  /** Packs the rows from {@code row} on of one panel, which lie at {@code offset} as they are. */
  void packRows(int panel, int row, int count, float[] source, int offset) {
    requireOwnPanels();
    int width = kernel.width();
    int column = panel * width;
    int used = Math.min(width, columns - column);
    int to = begin + column * depth + row * width;
    for (int k = 0; k < count; k++, to += width) {
      System.arraycopy(source, offset + k * columns + column, panels, to, used);
    }
    fillUp(panel, row, count);
  }

  private void requireOwnPanels() {
    if (inPlace) {
      throw new IllegalStateException("pack: these panels are read where the matrix lies");
    }
  }

  /** Zeros behind the columns of some rows of the last panel. */
  private void fillUp(int panel, int row, int count) {
    int width = kernel.width();
    int used = Math.min(width, columns - panel * width);
    int to = begin + panel * width * depth + row * width;
    for (int k = 0; used < width && k < count; k++, to += width) {
      Arrays.fill(panels, to + used, to + width, 0f);
    }
  }

  private void packTransposed(int panel, float[] source, int offset) {
    requireOwnPanels();
    int block = CACHED / kernel.width();
    for (int k = 0; k < depth; k += block) {
      packTransposed(panel, k, Math.min(block, depth - k), source, offset);
    }
  }

  private void packTransposed(int panel, int row, int count, float[] source, int offset) {
    int width = kernel.width();
    int column = panel * width;
    int used = Math.min(width, columns - column);
    int from = offset + column * depth + row;
    int to = begin + column * depth + row * width;
    Transposition.write(used, count, source, from, depth, panels, to, width);
    fillUp(panel, row, count);
  }

  /**
   * Packs one panel of the taps of a convolution, one below the other: row {@code (j, k)} of {@code
   * [taps, depth / taps]} has its column {@code o} at {@code k inStride + o outStride + j}.
   */
  void packTaps(int panel, int taps, float[] source, int offset, int inStride, int outStride) {
    int width = kernel.width();
    int column = panel * width;
    int used = Math.min(width, columns - column);
    int channels = depth / taps;
    requireOwnPanels();
    int to = begin + column * depth;
    for (int tap = 0; tap < taps; tap++) {
      for (int k = 0; k < channels; k++, to += width) {
        int from = offset + k * inStride + column * outStride + tap;
        for (int j = 0; j < used; j++) {
          panels[to + j] = source[from + j * outStride];
        }
      }
    }
    fillUp(panel, 0, depth);
  }

  /**
   * {@code C += A B} for the columns of one panel.
   *
   * @param a row-major, {@code aStride} from one row to the next
   */
  void accumulate(
      int panel,
      int rows,
      float[] a,
      int aOffset,
      int aStride,
      float[] c,
      int cOffset,
      int cStride) {
    int width = kernel.width();
    int column = panel * width;
    int used = Math.min(width, columns - column);
    if (used == width) {
      accumulateRows(panel, 0, depth, rows, a, aOffset, aStride, c, cOffset + column, cStride);
      return;
    }
    // The kernel writes whole panels, so a ragged one is computed aside.
    var aside = new float[rows * width];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(c, cOffset + r * cStride + column, aside, r * width, used);
    }
    accumulateRows(panel, 0, depth, rows, a, aOffset, aStride, aside, 0, width);
    for (int r = 0; r < rows; r++) {
      System.arraycopy(aside, r * width, c, cOffset + r * cStride + column, used);
    }
  }

  /**
   * {@code C += A B} for all columns and for several groups of rows, which share each block of B
   * while it is in the cache.
   *
   * @param a row-major, {@code aGroup} from one group to the next
   * @param c {@code [groups, rows, apart]}: {@link #apart} from one row to the next
   */
  void accumulateGroups(
      int groups,
      int rows,
      float[] a,
      int aOffset,
      int aGroup,
      int aStride,
      float[] c,
      int cOffset) {
    int width = kernel.width();
    int apart = apart();
    int block = groups * rows <= UNBLOCKED_ROWS ? depth : CACHED / width;
    for (int panel = 0; panel < count(); panel++) {
      for (int k = 0; k < depth; k += block) {
        for (int g = 0; g < groups; g++) {
          kernel.accumulate(
              rows,
              Math.min(block, depth - k),
              a,
              aOffset + g * aGroup + k,
              aStride,
              panels,
              begin + panel * panelStride + k * rowStride,
              rowStride,
              c,
              cOffset + g * rows * apart + panel * width,
              apart);
        }
      }
    }
  }

  /** Columns of the matrix. */
  int columns() {
    return columns;
  }

  /** Columns of a panel. */
  int width() {
    return kernel.width();
  }

  /** The length of a row that has room for whole panels. */
  int stride() {
    return count() * kernel.width();
  }

  /**
   * The same and a panel more: rows of a power of two would all meet the same few lines of the
   * cache.
   */
  int apart() {
    return stride() + kernel.width();
  }

  /**
   * {@code C += A B} with the rows {@code row} to {@code row + count - 1} of one panel of B.
   *
   * @param a {@code [rows, count]}, {@code aStride} from one row to the next
   * @param c {@code [rows, width]}: room for the whole panel, {@code cOffset} where it begins
   */
  void accumulateRows(
      int panel,
      int row,
      int count,
      int rows,
      float[] a,
      int aOffset,
      int aStride,
      float[] c,
      int cOffset,
      int cStride) {
    int width = kernel.width();
    int from = begin + panel * panelStride + row * rowStride;
    int block = rows <= UNBLOCKED_ROWS ? count : CACHED / width;
    for (int k = 0; k < count; k += block) {
      int steps = Math.min(block, count - k);
      kernel.accumulate(
          rows,
          steps,
          a,
          aOffset + k,
          aStride,
          panels,
          from + k * rowStride,
          rowStride,
          c,
          cOffset,
          cStride);
    }
  }
}
