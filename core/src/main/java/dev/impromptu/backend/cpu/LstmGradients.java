package dev.impromptu.backend.cpu;

import dev.impromptu.backend.LstmWeights;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a layer's weights and biases, once those of its gates are known: products over
 * the rows of all steps. The rows are added one after another, an order that depends on the shape
 * alone.
 */
final class LstmGradients {
  /** Gates of a task: their sums stay in the second-level cache while all rows pass by. */
  private static final int GATES = 132;

  /** Rows whose gradients and inputs stay in the first-level cache. */
  private static final int ROWS = 64;

  private final Team team;
  private final MemoryPool pool;
  private final Kernels kernels;

  LstmGradients(Team team, MemoryPool pool, Kernels kernels) {
    this.team = team;
    this.pool = pool;
    this.kernels = kernels;
  }

  /**
   * Computes them.
   *
   * @param dGates {@code [time, batch, 4 hidden]}, before the nonlinearities
   * @param start the state that the first step met; zeros when absent
   * @param wanted written
   */
  void run(
      LstmLayout at,
      int layer,
      CpuStorage.Floats kept,
      @Nullable LayerState start,
      float[] dGates,
      LstmWeights wanted) {
    var kernel = kernels.product();
    int rows = at.rows();
    var inputMemory = pool.aligned(PackedMatrix.size(kernel, rows, at.inputSize(layer)));
    var outputMemory = pool.aligned(PackedMatrix.size(kernel, rows, at.hidden()));
    try {
      var inputs = new PackedMatrix(kernel, inputMemory, rows, at.inputSize(layer));
      var before = new PackedMatrix(kernel, outputMemory, rows, at.hidden());
      team.run(
          inputs.count() + before.count(),
          task -> {
            if (task < inputs.count()) {
              inputs.pack(task, false, kept.array, kept.offset + at.inputs(layer));
            } else {
              packOutputs(at, layer, kept, start, before, task - inputs.count());
            }
          });
      // Nothing came before the first step of a sequence that starts from zeros.
      int first = start == null ? at.batch() : 0;
      int gates = 4 * at.hidden();
      team.run(
          (gates + GATES - 1) / GATES,
          task -> {
            int from = task * GATES;
            int count = Math.min(GATES, gates - from);
            biases(at, from, count, dGates, wanted);
            var forInput = CpuStorage.floats(wanted.inputWeight());
            int in = at.inputSize(layer);
            weights(inputs, 0, rows, in, from, count, gates, dGates, forInput);
            var forHidden = CpuStorage.floats(wanted.hiddenWeight());
            weights(before, first, rows, at.hidden(), from, count, gates, dGates, forHidden);
          });
    } finally {
      pool.release(outputMemory);
      pool.release(inputMemory);
    }
  }

  /** Outputs meet the gates of the step after; the first step met the initial state. */
  private static void packOutputs(
      LstmLayout at,
      int layer,
      CpuStorage.Floats kept,
      @Nullable LayerState start,
      PackedMatrix before,
      int panel) {
    if (start != null) {
      before.packRows(panel, 0, at.batch(), start.hidden(), start.hidden(0));
    }
    int outputs = kept.offset + at.outputs(layer, 0, 0);
    before.packRows(panel, at.batch(), at.rows() - at.batch(), kept.array, outputs);
  }

  /** The sum over all rows; both biases share it. */
  private void biases(LstmLayout at, int from, int count, float[] dGates, LstmWeights wanted) {
    var k = kernels.elements();
    var one = CpuStorage.floats(wanted.inputBias());
    var other = CpuStorage.floats(wanted.hiddenBias());
    int gates = 4 * at.hidden();
    int to = one.offset + from;
    System.arraycopy(dGates, from, one.array, to, count);
    for (int row = 1; row < at.rows(); row++) {
      k.add(count, one.array, to, dGates, row * gates + from, one.array, to);
    }
    System.arraycopy(one.array, to, other.array, other.offset + from, count);
  }

  /**
   * The part of a weight's gradient that belongs to some gates.
   *
   * @param right what the gates met, {@code [rows, columns]}
   * @param first the first row that counts
   */
  private void weights(
      PackedMatrix right,
      int first,
      int rows,
      int columns,
      int from,
      int count,
      int gates,
      float[] dGates,
      CpuStorage.Floats wanted) {
    int width = right.width();
    int stride = right.stride();
    var sums = pool.floats(count * stride);
    // Rows of all gates lie a page apart, which a cache of few ways cannot hold: a copy can stay.
    var left = pool.floats(ROWS * count);
    try {
      Arrays.fill(sums.array, 0, count * stride, 0f);
      for (int row = first; row < rows; row += ROWS) {
        int n = Math.min(ROWS, rows - row);
        for (int t = 0; t < n; t++) {
          System.arraycopy(dGates, (row + t) * gates + from, left.array, t * count, count);
        }
        for (int panel = 0; panel < right.count(); panel++) {
          int to = panel * width;
          right.accumulate(panel, row, n, count, left.array, 0, 1, count, sums.array, to, stride);
        }
      }
      for (int g = 0; g < count; g++) {
        int to = wanted.offset + (from + g) * columns;
        System.arraycopy(sums.array, g * stride, wanted.array, to, columns);
      }
    } finally {
      pool.release(left);
      pool.release(sums);
    }
  }
}
