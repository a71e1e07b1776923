package dev.impromptu.backend.cpu;

import dev.impromptu.backend.Matmul;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Matrix products: by OpenBLAS where there is one and the product is worth a call, else by the
 * packed kernel. Which way, and into which tiles, follows from the shape alone, so the same product
 * always gives the same bits, whatever the number of threads.
 */
final class Products {
  /** Fewer rows than these are not worth packing or a call of OpenBLAS. */
  static final int FEW_ROWS = 8;

  private static final int LEAST_COLUMNS = 8;
  private static final int ROW_TILE = 32;

  /** Elements of a weight that a team member reads at a time: some microseconds' work. */
  private static final int DOT_TILE = 128 * 256;

  private final Team team;
  private final MemoryPool pool;
  private final Kernels kernels;
  private final Supplier<Optional<OpenBlas>> blas;

  Products(Team team, MemoryPool pool, Kernels kernels, Supplier<Optional<OpenBlas>> blas) {
    this.team = team;
    this.pool = pool;
    this.kernels = kernels;
    this.blas = blas;
  }

  /** {@code C = op(A) op(B)}, or {@code C += op(A) op(B)}. */
  void multiply(
      Matmul s,
      boolean add,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] c,
      int cOffset) {
    if (s.m() >= FEW_ROWS && s.n() >= LEAST_COLUMNS && s.k() > 0) {
      var library = blas.get();
      if (library.isPresent()) {
        tiled(library.get(), s, add, a, aOffset, b, bOffset, c, cOffset);
        return;
      }
    }
    if (!add) {
      Arrays.fill(c, cOffset, cOffset + s.batch() * s.m() * s.n(), 0f);
    }
    for (int i = 0; i < s.batch(); i++) {
      int ai = aOffset + i * s.m() * s.k();
      int bi = bOffset + i * s.k() * s.n();
      int ci = cOffset + i * s.m() * s.n();
      if (s.transposeLeft() && s.m() > 1) {
        transposed(s, a, ai, b, bi, c, ci);
      } else {
        rows(s, a, ai, b, bi, c, ci);
      }
    }
  }

  /** The kernels read A row by row. */
  private void transposed(
      Matmul s, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset) {
    var left = pool.floats(s.m() * s.k());
    try {
      team.run(
          (s.m() + ROW_TILE - 1) / ROW_TILE,
          tile -> {
            int row = tile * ROW_TILE;
            int rows = Math.min(ROW_TILE, s.m() - row);
            int to = left.offset + row * s.k();
            Transposition.write(s.k(), rows, a, aOffset + row, s.m(), left.array, to, s.k());
          });
      rows(s, left.array, left.offset, b, bOffset, c, cOffset);
    } finally {
      pool.release(left);
    }
  }

  /** {@code C += A op(B)}. */
  private void rows(
      Matmul s, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset) {
    if (s.m() >= FEW_ROWS) {
      packed(s, a, aOffset, b, bOffset, c, cOffset);
    } else if (s.transposeRight()) {
      dots(s, a, aOffset, b, bOffset, c, cOffset);
    } else {
      unpacked(s, a, aOffset, b, bOffset, c, cOffset);
    }
  }

  private void tiled(
      OpenBlas library,
      Matmul s,
      boolean add,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] c,
      int cOffset) {
    var tiles = Tiles.of(s);
    int each = tiles.count();
    int aStride = s.transposeLeft() ? s.m() : s.k();
    int bStride = s.transposeRight() ? s.k() : s.n();
    var left = MemorySegment.ofArray(a);
    var right = MemorySegment.ofArray(b);
    var result = MemorySegment.ofArray(c);
    team.run(
        s.batch() * each,
        task -> {
          int batch = task / each;
          int row = tiles.row(task % each);
          int column = tiles.column(task % each);
          for (int k = 0; k < s.k(); k += Tiles.DEPTH) {
            long ai = s.transposeLeft() ? (long) k * aStride + row : (long) row * aStride + k;
            long bi =
                s.transposeRight() ? (long) column * bStride + k : (long) k * bStride + column;
            library.sgemm(
                s.transposeLeft(),
                s.transposeRight(),
                Math.min(tiles.rows(), s.m() - row),
                Math.min(tiles.columns(), s.n() - column),
                Math.min(Tiles.DEPTH, s.k() - k),
                left,
                aOffset + (long) batch * s.m() * s.k() + ai,
                aStride,
                right,
                bOffset + (long) batch * s.k() * s.n() + bi,
                bStride,
                add || k > 0 ? 1f : 0f,
                result,
                cOffset + ((long) batch * s.m() + row) * s.n() + column,
                s.n());
          }
        });
  }

  private void packed(
      Matmul s, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset) {
    var kernel = kernels.product();
    var memory = pool.aligned(PackedMatrix.size(kernel, s.k(), s.n()));
    try {
      var right = new PackedMatrix(kernel, memory, s.k(), s.n());
      int tiles = (s.m() + ROW_TILE - 1) / ROW_TILE;
      team.run(
          right.count(),
          panel -> {
            right.pack(panel, s.transposeRight(), b, bOffset);
            for (int tile = 0; tile < tiles; tile++) {
              int row = tile * ROW_TILE;
              right.accumulate(
                  panel,
                  Math.min(ROW_TILE, s.m() - row),
                  a,
                  aOffset + row * s.k(),
                  s.k(),
                  c,
                  cOffset + row * s.n(),
                  s.n());
            }
          });
    } finally {
      pool.release(memory);
    }
  }

  /** {@code C += A B'} for a few rows of A: B is read where it lies. */
  void dots(Matmul s, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset) {
    var kernel = kernels.product();
    int most = Math.max(4, DOT_TILE / Math.max(1, s.k()) / 4 * 4);
    team.run(
        (s.n() + most - 1) / most,
        tile -> {
          int first = tile * most;
          int columns = Math.min(most, s.n() - first);
          for (int r = 0; r < s.m(); r++) {
            kernel.dots(
                columns,
                s.k(),
                a,
                aOffset + r * s.k(),
                b,
                bOffset + first * s.k(),
                c,
                cOffset + r * s.n() + first);
          }
        });
  }

  /** Every element of B is used for a few rows only, so it is read where it lies. */
  private void unpacked(
      Matmul s, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset) {
    var kernel = kernels.product();
    int width = kernel.width();
    int whole = s.n() / width;
    team.run(
        whole,
        panel -> {
          int column = panel * width;
          kernel.accumulate(
              s.m(),
              s.k(),
              a,
              aOffset,
              s.k(),
              b,
              bOffset + column,
              s.n(),
              c,
              cOffset + column,
              s.n());
        });
    for (int r = 0; r < s.m(); r++) {
      for (int j = whole * width; j < s.n(); j++) {
        float sum = c[cOffset + r * s.n() + j];
        for (int k = 0; k < s.k(); k++) {
          sum = Math.fma(a[aOffset + r * s.k() + k], b[bOffset + k * s.n() + j], sum);
        }
        c[cOffset + r * s.n() + j] = sum;
      }
    }
  }

  /** How a product is cut for OpenBLAS. */
  record Tiles(Matmul shape, int rows, int columns) {
    /**
     * OpenBLAS copies both operands for every call, so tiles are as large as a millisecond allows:
     * at 64 by 64 the copies took longer than the product.
     */
    private static final long LARGEST = 256 * 512;

    private static final long SMALLEST = 64 * 128;

    /** What a wide product is cut into at least, for the team's sake. */
    private static final int PIECES = 4;

    /** About the depth at which OpenBLAS itself cuts the sums. */
    static final int DEPTH = 384;

    static Tiles of(Matmul s) {
      int rows = s.m();
      int columns = s.n();
      long area = Math.clamp((long) rows * columns / PIECES, SMALLEST, LARGEST);
      while ((long) rows * columns > area) {
        if (rows >= columns) {
          rows = half(rows);
        } else {
          columns = half(columns);
        }
      }
      return new Tiles(s, rows, columns);
    }

    /** Rounded to what the kernels of OpenBLAS do at once. */
    private static int half(int size) {
      return ((size + 1) / 2 + 15) / 16 * 16;
    }

    int count() {
      return across() * ((shape.m() + rows - 1) / rows);
    }

    int row(int tile) {
      return tile / across() * rows;
    }

    int column(int tile) {
      return tile % across() * columns;
    }

    private int across() {
      return (shape.n() + columns - 1) / columns;
    }
  }
}
