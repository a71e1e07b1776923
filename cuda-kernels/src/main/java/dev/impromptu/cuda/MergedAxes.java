package dev.impromptu.cuda;

import java.util.Arrays;

/**
 * A shape walked in row-major order beside operands with strides of their own, in as few axes as it
 * takes: axes of size 1 are left out, and an axis is merged with the one before it where every
 * operand steps through both as through one.
 *
 * @param shape sizes, outermost first
 * @param strides for each operand, one step an axis
 */
record MergedAxes(int[] shape, int[][] strides) {
  static MergedAxes of(int[] shape, int[]... strides) {
    var sizes = new int[shape.length];
    var steps = new int[strides.length][shape.length];
    int rank = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] == 1) {
        continue;
      }
      boolean merges = rank > 0;
      for (int operand = 0; operand < strides.length; operand++) {
        merges = merges && steps[operand][rank - 1] == strides[operand][axis] * shape[axis];
      }
      if (!merges) {
        sizes[rank++] = 1;
      }
      sizes[rank - 1] *= shape[axis];
      for (int operand = 0; operand < strides.length; operand++) {
        steps[operand][rank - 1] = strides[operand][axis];
      }
    }
    int merged = rank;
    return new MergedAxes(
        Arrays.copyOf(sizes, merged),
        Arrays.stream(steps).map(of -> Arrays.copyOf(of, merged)).toArray(int[][]::new));
  }

  int rank() {
    return shape.length;
  }

  /** The size of one of the last {@code of} axes, 1 where there are fewer. */
  int size(int axis, int of) {
    int own = axis - of + rank();
    return own < 0 ? 1 : shape[own];
  }

  /** An operand's step along one of the last {@code of} axes, 0 where there are fewer. */
  int stride(int operand, int axis, int of) {
    int own = axis - of + rank();
    return own < 0 ? 0 : strides[operand][own];
  }

  /** Without the outermost axis. */
  MergedAxes inner() {
    return new MergedAxes(
        Arrays.copyOfRange(shape, 1, rank()),
        Arrays.stream(strides)
            .map(of -> Arrays.copyOfRange(of, 1, of.length))
            .toArray(int[][]::new));
  }
}
