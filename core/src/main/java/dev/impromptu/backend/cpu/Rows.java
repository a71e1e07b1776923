package dev.impromptu.backend.cpu;

/** Rows of a table, picked and added to by number. */
final class Rows {
  private Rows() {}

  static void gather(
      int width, CpuStorage.Floats table, CpuStorage.Ints ids, CpuStorage.Floats out) {
    check("gatherRows", width, ids, table);
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
    check("scatterAddRows", width, ids, table);
    for (int i = 0; i < ids.length; i++) {
      int row = table.offset + ids.array[ids.offset + i] * width;
      k.add(width, table.array, row, rows.array, rows.offset + i * width, table.array, row);
    }
  }

  /** All ids before any work, so that a bad one leaves no half-written result. */
  private static void check(
      String operation, int width, CpuStorage.Ints ids, CpuStorage.Floats table) {
    int count = width == 0 ? Integer.MAX_VALUE : table.length / width;
    for (int i = 0; i < ids.length; i++) {
      int id = ids.array[ids.offset + i];
      if (id < 0 || id >= count) {
        throw new IndexOutOfBoundsException(
            operation
                + ": id "
                + id
                + " at position "
                + i
                + " has no row in a table of "
                + count
                + " rows");
      }
    }
  }
}
