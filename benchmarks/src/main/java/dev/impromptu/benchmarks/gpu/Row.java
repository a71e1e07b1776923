package dev.impromptu.benchmarks.gpu;

import dev.impromptu.benchmarks.Samples;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One line of the table: what one implementation did with one piece of work.
 *
 * @param piece of the benchmark, {@code lstm}
 * @param work which work, with all its sizes
 * @param what of it, {@code forward}
 * @param variant who did it, {@code cuDNN STANDARD}
 * @param precision of the products
 * @param mode {@code direct}, or {@code graph} where the calls were recorded and replayed
 * @param verdict what the comparison before the timing found
 * @param samples absent where nothing was timed; {@code verdict} then says why
 */
record Row(
    String piece,
    String work,
    String what,
    String variant,
    String precision,
    String mode,
    String verdict,
    @Nullable Samples samples) {
  /** Work by work in the order it was done, the fastest first, then what was not timed. */
  static final Comparator<Row> FASTEST_FIRST =
      Comparator.comparingDouble(
          row -> row.samples == null ? Double.POSITIVE_INFINITY : row.samples.median());

  /** What rows are compared within. */
  String group() {
    return piece + ": " + work + ", " + what;
  }
}
