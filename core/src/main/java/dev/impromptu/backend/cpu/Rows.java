package dev.impromptu.backend.cpu;

import dev.impromptu.backend.Reduction;
import java.util.Arrays;
import java.util.OptionalInt;

/** Rows of a table and places of an axis, picked and added to by number. */
final class Rows {
  private Rows() {}

  static void gather(
      int width, CpuStorage.Floats table, CpuStorage.Ints ids, CpuStorage.Floats out) {
    check("gatherRows", ids, rows(width, table));
    for (int i = 0; i < ids.length; i++) {
      int row = table.offset + ids.array[ids.offset + i] * width;
      System.arraycopy(table.array, row, out.array, out.offset + i * width, width);
    }
  }

  /** One after another: two equal ids must not meet. */
  static void scatterAdd(
      ElementKernels k,
      int width,
      CpuStorage.Ints ids,
      CpuStorage.Floats rows,
      CpuStorage.Floats table) {
    check("scatterAddRows", ids, rows(width, table));
    for (int i = 0; i < ids.length; i++) {
      int row = table.offset + ids.array[ids.offset + i] * width;
      k.add(width, table.array, row, rows.array, rows.offset + i * width, table.array, row);
    }
  }

  private static int rows(int width, CpuStorage.Floats table) {
    return width == 0 ? Integer.MAX_VALUE : table.length / width;
  }

  static void gatherAlong(
      Reduction axis, CpuStorage.Floats x, CpuStorage.Ints ids, CpuStorage.Floats out) {
    check("gatherAlong", ids, axis.length());
    eachPlace(axis, ids, (i, place) -> out.array[out.offset + i] = x.array[x.offset + place]);
  }

  static void scatterAddAlong(
      Reduction axis, CpuStorage.Ints ids, CpuStorage.Floats values, CpuStorage.Floats target) {
    check("scatterAddAlong", ids, axis.length());
    eachPlace(
        axis,
        ids,
        (i, place) -> target.array[target.offset + place] += values.array[values.offset + i]);
  }

  /** A number of an id, and the place it names. */
  @FunctionalInterface
  private interface Pair {
    void at(int i, int place);
  }

  private static void eachPlace(Reduction axis, CpuStorage.Ints ids, Pair pair) {
    int inner = axis.inner();
    int group = ids.length / Math.max(1, axis.outer());
    for (int o = 0; o < axis.outer(); o++) {
      for (int i = o * group; i < (o + 1) * group; i++) {
        pair.at(i, (o * axis.length() + ids.array[ids.offset + i]) * inner + i % inner);
      }
    }
  }

  static void oneHot(int classes, OptionalInt ignored, CpuStorage.Ints ids, CpuStorage.Floats out) {
    Arrays.fill(out.array, out.offset, out.offset + out.length, 0f);
    for (int i = 0; i < ids.length; i++) {
      int id = ids.array[ids.offset + i];
      if (ignored.isEmpty() || id != ignored.getAsInt()) {
        check("oneHot", id, i, classes);
        out.array[out.offset + i * classes + id] = 1f;
      }
    }
  }

  /** All ids before any work, so that a bad one leaves no half-written result. */
  private static void check(String operation, CpuStorage.Ints ids, int rows) {
    for (int i = 0; i < ids.length; i++) {
      check(operation, ids.array[ids.offset + i], i, rows);
    }
  }

  private static void check(String operation, int id, int position, int rows) {
    if (id < 0 || id >= rows) {
      throw new IndexOutOfBoundsException(
          operation
              + ": id "
              + id
              + " at position "
              + position
              + " has no row in a table of "
              + rows
              + " rows");
    }
  }
}
