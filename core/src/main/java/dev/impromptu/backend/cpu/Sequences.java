package dev.impromptu.backend.cpu;

/** Sequences turned between {@code [batch, time, width]} and {@code [time, batch, width]}. */
final class Sequences {
  private Sequences() {}

  /** {@code [outer, inner, width] -> [inner, outer, width]}. */
  static void swap(
      int outer, int inner, int width, float[] from, int fromOffset, float[] to, int toOffset) {
    for (int i = 0; i < outer; i++) {
      for (int j = 0; j < inner; j++) {
        System.arraycopy(
            from,
            fromOffset + (i * inner + j) * width,
            to,
            toOffset + (j * outer + i) * width,
            width);
      }
    }
  }
}
