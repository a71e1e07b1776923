package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.ReferenceStorage.doubles;
import static dev.impromptu.backend.reference.ReferenceStorage.ints;

import dev.impromptu.backend.Storage;
import java.util.Locale;

/** Rows of a table, taken and added to by their indices. */
final class ReferenceRows {
  private ReferenceRows() {}

  static void gather(int width, Storage table, Storage ids, Storage out) {
    var from = doubles(table);
    var rows = ints(ids);
    for (int i = 0; i < rows.length(); i++) {
      int row = checkRow("gatherRows", rows.get(i), i, from.length() / width);
      from.copyTo(row * width, out, i * width, width);
    }
  }

  static void scatterAdd(int width, Storage ids, Storage rows, Storage table) {
    var from = doubles(rows);
    var to = doubles(table);
    var targets = ints(ids);
    for (int i = 0; i < targets.length(); i++) {
      int row = checkRow("scatterAddRows", targets.get(i), i, to.length() / width);
      for (int j = 0; j < width; j++) {
        to.add(row * width + j, from.get(i * width + j));
      }
    }
  }

  private static int checkRow(String operation, int id, int position, int rows) {
    if (id < 0 || id >= rows) {
      throw new IndexOutOfBoundsException(
          String.format(
              Locale.ROOT,
              "%s: id %d at position %d has no row in a table of %d rows",
              operation,
              id,
              position,
              rows));
    }
    return id;
  }
}
