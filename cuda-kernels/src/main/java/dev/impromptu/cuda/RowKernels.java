package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;
import static dev.impromptu.cuda.CudaStorage.ints;

import dev.impromptu.backend.Reduction;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.LaunchShape;
import java.util.OptionalInt;

/**
 * The kernels of {@code rows.cu}. The methods are those of {@link dev.impromptu.backend.Backend};
 * an id without a row is reported at the next read.
 */
final class RowKernels {
  private static final int SCATTER_THREADS = 256;
  private static final int SCATTER_WARPS = 8;
  private static final int SCATTER_COLUMNS = 128;

  private final CudaRuntime runtime;
  private final KernelFamily kernels;

  RowKernels(CudaRuntime runtime) {
    this.runtime = runtime;
    kernels = runtime.family("rows");
  }

  void gatherRows(int width, Storage table, Storage ids, Storage out) {
    if (out.length() > 0) {
      kernels.launch(
          "gather_rows",
          LaunchShape.covering(out.length()),
          floats(table),
          ints(ids),
          floats(out),
          ids.length(),
          width,
          table.length() / width,
          runtime.fault());
    }
  }

  void scatterAddRows(int width, Storage ids, Storage rows, Storage table) {
    if (ids.length() == 0 || width == 0) {
      return;
    }
    int bound = table.length() / width;
    kernels.launch(
        "scatter_add_rows",
        new LaunchShape(
            // One block at least, which reports the ids that an empty table lacks.
            Math.max(1, Math.ceilDiv(bound, SCATTER_WARPS)),
            scatterTiles(width),
            SCATTER_THREADS,
            0),
        ints(ids),
        floats(rows),
        floats(table),
        ids.length(),
        width,
        bound,
        runtime.fault());
  }

  private static int scatterTiles(int width) {
    int tiles = Math.ceilDiv(width, SCATTER_COLUMNS);
    if (tiles > LaunchShape.MOST_ROWS) {
      throw new IllegalArgumentException(
          "cuda: gradients of gathered rows may be %d numbers wide, but met %d; cut the table into narrower ones"
              .formatted(SCATTER_COLUMNS * LaunchShape.MOST_ROWS, width));
    }
    return tiles;
  }

  void gatherAlong(Reduction axis, Storage x, Storage ids, Storage out) {
    if (ids.length() > 0) {
      kernels.launch(
          "gather_along",
          LaunchShape.covering(ids.length()),
          floats(x),
          ints(ids),
          floats(out),
          ids.length(),
          ids.length() / axis.outer(),
          axis.length(),
          axis.inner(),
          runtime.fault());
    }
  }

  void scatterAddAlong(Reduction axis, Storage ids, Storage values, Storage target) {
    if (ids.length() > 0) {
      kernels.launch(
          "scatter_add_along",
          LaunchShape.covering(Math.multiplyExact(axis.outer(), axis.inner())),
          ints(ids),
          floats(values),
          floats(target),
          axis.outer(),
          ids.length() / (axis.outer() * axis.inner()),
          axis.length(),
          axis.inner(),
          runtime.fault());
    }
  }

  void oneHot(int classes, OptionalInt ignored, Storage ids, Storage out) {
    if (out.length() > 0) {
      kernels.launch(
          "one_hot",
          LaunchShape.covering(out.length()),
          ints(ids),
          floats(out),
          ids.length(),
          classes,
          ignored.isPresent() ? 1 : 0,
          ignored.orElse(0),
          runtime.fault());
    }
  }
}
