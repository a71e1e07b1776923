package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.ReferenceStorage.doubles;
import static dev.impromptu.backend.reference.ReferenceStorage.ints;

import dev.impromptu.backend.Reduction;
import dev.impromptu.backend.Storage;
import java.util.Locale;
import java.util.OptionalInt;

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

  static void gatherAlong(Reduction axis, Storage x, Storage ids, Storage out) {
    for (int i = 0; i < ids.length(); i++) {
      doubles(out).set(i, doubles(x).get(place("gatherAlong", axis, ids, i)));
    }
  }

  static void scatterAddAlong(Reduction axis, Storage ids, Storage values, Storage target) {
    for (int i = 0; i < ids.length(); i++) {
      doubles(target).add(place("scatterAddAlong", axis, ids, i), doubles(values).get(i));
    }
  }

  /** Where in {@code [outer, length, inner]} lies what id number {@code i} names. */
  private static int place(String operation, Reduction axis, Storage ids, int i) {
    int count = ids.length() / (axis.outer() * axis.inner());
    int outer = i / (count * axis.inner());
    int id = checkRow(operation, ints(ids).get(i), i, axis.length());
    return (outer * axis.length() + id) * axis.inner() + i % axis.inner();
  }

  static void oneHot(int classes, OptionalInt ignored, Storage ids, Storage out) {
    doubles(out).fill(0);
    for (int i = 0; i < ids.length(); i++) {
      int id = ints(ids).get(i);
      if (ignored.isEmpty() || id != ignored.getAsInt()) {
        doubles(out).set(i * classes + checkRow("oneHot", id, i, classes), 1);
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
