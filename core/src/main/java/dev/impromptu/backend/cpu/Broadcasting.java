package dev.impromptu.backend.cpu;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.Broadcast;

/**
 * Operations of two tensors that spread to a common shape. Axes that can be walked as one are
 * merged first; what remains is a run along the last axis, repeated over the others. So equal
 * shapes become one run, a row vector one run a row, and a scalar a run with a constant.
 */
final class Broadcasting {
  private final Team team;
  private final Kernels kernels;

  Broadcasting(Team team, Kernels kernels) {
    this.team = team;
    this.kernels = kernels;
  }

  void binary(
      BinaryOp op,
      Broadcast broadcast,
      CpuStorage.Floats left,
      CpuStorage.Floats right,
      CpuStorage.Floats out) {
    if (out.length == 0) {
      return;
    }
    var axes = Axes.merged(broadcast);
    int last = axes.count - 1;
    int run = axes.sizes[last];
    int aStep = axes.left[last];
    int bStep = axes.right[last];
    int runs = out.length / run;
    // Long runs are cut, short ones taken several at a time.
    int pieces = Math.ceilDiv(run, Elementwise.CHUNK);
    int group = Math.max(1, Elementwise.CHUNK / run);
    int groups = (runs + group - 1) / group;
    var k = kernels.elements();
    team.run(
        groups * pieces,
        task -> {
          int from = task % pieces * Elementwise.CHUNK;
          int n = Math.min(Elementwise.CHUNK, run - from);
          int end = Math.min(runs, (task / pieces + 1) * group);
          for (int r = task / pieces * group; r < end; r++) {
            Elementwise.binary(
                k,
                op,
                n,
                left.array,
                left.offset + axes.at(axes.left, r) + from * aStep,
                aStep,
                right.array,
                right.offset + axes.at(axes.right, r) + from * bStep,
                bStep,
                out.array,
                out.offset + r * run + from);
          }
        });
  }

  /** Axes that are left after merging, with the steps of both operands. */
  private static final class Axes {
    private final int[] sizes;
    private final int[] left;
    private final int[] right;
    private int count;

    private Axes(int rank) {
      sizes = new int[rank];
      left = new int[rank];
      right = new int[rank];
    }

    static Axes merged(Broadcast b) {
      var axes = new Axes(b.shape().length + 1);
      for (int i = 0; i < b.shape().length; i++) {
        if (b.shape()[i] != 1) {
          axes.append(b.shape()[i], b.leftStrides()[i], b.rightStrides()[i]);
        }
      }
      if (axes.count == 0) {
        axes.append(1, 0, 0);
      }
      return axes;
    }

    private void append(int size, int leftStep, int rightStep) {
      int before = count - 1;
      if (count > 0 && left[before] == size * leftStep && right[before] == size * rightStep) {
        sizes[before] *= size;
      } else {
        before = count++;
        sizes[before] = size;
      }
      left[before] = leftStep;
      right[before] = rightStep;
    }

    /** Where the run of number {@code index} begins. */
    int at(int[] steps, int index) {
      int offset = 0;
      int rest = index;
      for (int axis = count - 2; axis >= 0; axis--) {
        offset += rest % sizes[axis] * steps[axis];
        rest /= sizes[axis];
      }
      return offset;
    }
  }
}
