package dev.impromptu.benchmarks.gpu;

import java.util.Arrays;
import java.util.List;

/**
 * One result of a computation, on the host.
 *
 * @param name what it is
 * @param switched whether rounding may switch single values altogether, as where it brings an
 *     activation to the other side of relu's corner
 * @param values row-major, in Impromptu's layout
 */
record Result(String name, boolean switched, float... values) {
  /** One that follows its inputs smoothly. */
  Result(String name, float... values) {
    this(name, false, values);
  }

  /** Whether all results of two runs have the same bits. */
  static boolean sameBits(List<Result> one, List<Result> other) {
    for (int i = 0; i < one.size(); i++) {
      if (!Arrays.equals(one.get(i).values, other.get(i).values)) {
        return false;
      }
    }
    return one.size() == other.size();
  }
}
