package dev.impromptu.backend.cpu;

import dev.impromptu.backend.BlockCopy;
import dev.impromptu.backend.Storage;

/** Copies: between host and storage, of runs, and with axes in another order. */
final class Transfers {
  private Transfers() {}

  static void write(double[] source, CpuStorage.Floats target) {
    for (int i = 0; i < target.length; i++) {
      target.array[target.offset + i] = (float) source[i];
    }
  }

  static void read(CpuStorage.Floats source, double[] target) {
    for (int i = 0; i < target.length; i++) {
      target[i] = source.array[source.offset + i];
    }
  }

  static void copy(BlockCopy b, Storage source, Storage target) {
    Object from;
    Object to;
    int fromOffset;
    int toOffset;
    switch (source) {
      case CpuStorage.Ints ints -> {
        from = ints.array;
        fromOffset = ints.offset;
        to = CpuStorage.ints(target).array;
        toOffset = CpuStorage.ints(target).offset;
      }
      default -> {
        from = CpuStorage.floats(source).array;
        fromOffset = CpuStorage.floats(source).offset;
        to = CpuStorage.floats(target).array;
        toOffset = CpuStorage.floats(target).offset;
      }
    }
    for (int run = 0; run < b.count(); run++) {
      System.arraycopy(
          from,
          fromOffset + b.sourceOffset() + run * b.sourceStride(),
          to,
          toOffset + b.targetOffset() + run * b.targetStride(),
          b.length());
    }
  }

  static void permute(int[] shape, int[] order, Storage source, Storage target) {
    int rank = shape.length;
    if (target.length() == 0) {
      return;
    }
    var dense = new int[rank];
    int step = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      dense[axis] = step;
      step *= shape[axis];
    }
    // Axes at the end that stay where they are move as one run.
    int moved = rank;
    int run = 1;
    while (moved > 0 && order[moved - 1] == moved - 1) {
      run *= shape[--moved];
    }
    var sizes = new int[moved];
    var steps = new int[moved];
    for (int axis = 0; axis < moved; axis++) {
      sizes[axis] = shape[order[axis]];
      steps[axis] = dense[order[axis]];
    }
    if (source instanceof CpuStorage.Ints ints) {
      walk(
          sizes,
          steps,
          run,
          ints.array,
          ints.offset,
          CpuStorage.ints(target).array,
          CpuStorage.ints(target).offset);
    } else {
      var from = CpuStorage.floats(source);
      var to = CpuStorage.floats(target);
      if (run == 1 && moved > 0) {
        singles(sizes, steps, from.array, from.offset, to.array, to.offset);
      } else {
        walk(sizes, steps, run, from.array, from.offset, to.array, to.offset);
      }
    }
  }

  private static void walk(
      int[] sizes, int[] steps, int run, Object from, int fromOffset, Object to, int toOffset) {
    var index = new int[sizes.length];
    int at = fromOffset;
    int put = toOffset;
    while (true) {
      System.arraycopy(from, at, to, put, run);
      put += run;
      int axis = sizes.length - 1;
      for (; axis >= 0; axis--) {
        at += steps[axis];
        if (++index[axis] < sizes[axis]) {
          break;
        }
        at -= steps[axis] * sizes[axis];
        index[axis] = 0;
      }
      if (axis < 0) {
        return;
      }
    }
  }

  /** The last axis moves, so elements go one by one, in an inner loop along the target. */
  private static void singles(
      int[] sizes, int[] steps, float[] from, int fromOffset, float[] to, int toOffset) {
    int last = sizes.length - 1;
    int n = sizes[last];
    int step = steps[last];
    var index = new int[last];
    int at = fromOffset;
    int put = toOffset;
    while (true) {
      for (int i = 0; i < n; i++) {
        to[put + i] = from[at + i * step];
      }
      put += n;
      int axis = last - 1;
      for (; axis >= 0; axis--) {
        at += steps[axis];
        if (++index[axis] < sizes[axis]) {
          break;
        }
        at -= steps[axis] * sizes[axis];
        index[axis] = 0;
      }
      if (axis < 0) {
        return;
      }
    }
  }
}
