package dev.impromptu.backend.cpu;

/** A matrix copied with its rows as columns. */
final class Transposition {
  private Transposition() {}

  /**
   * Element {@code (r, j)} of {@code from} becomes {@code (j, r)} of {@code to}.
   *
   * @param rows of {@code from}, {@code fromStride} from one to the next
   * @param columns of {@code from}, the rows of {@code to}, {@code toStride} from one to the next
   */
  static void write(
      int rows,
      int columns,
      float[] from,
      int fromOffset,
      int fromStride,
      float[] to,
      int toOffset,
      int toStride) {
    int r = 0;
    // Four rows at once: each is read in order, and the writes share cache lines.
    for (; r + 4 <= rows; r += 4) {
      int r0 = fromOffset + r * fromStride;
      int r1 = r0 + fromStride;
      int r2 = r1 + fromStride;
      int r3 = r2 + fromStride;
      for (int j = 0, t = toOffset + r; j < columns; j++, t += toStride) {
        to[t] = from[r0 + j];
        to[t + 1] = from[r1 + j];
        to[t + 2] = from[r2 + j];
        to[t + 3] = from[r3 + j];
      }
    }
    for (; r < rows; r++) {
      int row = fromOffset + r * fromStride;
      for (int j = 0; j < columns; j++) {
        to[toOffset + j * toStride + r] = from[row + j];
      }
    }
  }
}
