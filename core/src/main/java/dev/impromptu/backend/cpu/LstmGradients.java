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
      CpuStorage.Floats dGates,
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
            var some = new Gates(from, Math.min(GATES, gates - from), gates, dGates);
            weights(some, rows, first, inputs, before, wanted);
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

  /**
   * Some gates of all rows.
   *
   * @param from the first of them
   * @param count how many
   * @param of all gates of a row
   */
  private record Gates(int from, int count, int of, CpuStorage.Floats gradients) {
    /** Copied into {@code [count, ROWS]}: there they stay in the cache. */
    void transpose(int row, int rows, CpuStorage.Floats to) {
      Transposition.write(rows, count, gradients.array, at(row), of, to.array, to.offset, ROWS);
    }

    /** Where they are in a row of the gradients. */
    int at(int row) {
      return gradients.offset + row * of + from;
    }
  }

  /**
   * The part of the gradients that belongs to some gates.
   *
   * @param first the first row that met an output
   */
  private void weights(
      Gates gates,
      int rows,
      int first,
      PackedMatrix inputs,
      PackedMatrix outputs,
      LstmWeights wanted) {
    int count = gates.count;
    var ofInputs = zeros(count * inputs.apart());
    var ofOutputs = zeros(count * outputs.apart());
    var left = pool.floats(ROWS * count);
    try {
      for (int row = 0; row < rows; row += ROWS) {
        int n = Math.min(ROWS, rows - row);
        gates.transpose(row, n, left);
        bias(gates, row, n, CpuStorage.floats(wanted.inputBias()));
        add(inputs, row, n, count, left, left.offset, ofInputs);
        int early = Math.clamp(first - row, 0, n);
        add(outputs, row + early, n - early, count, left, left.offset + early, ofOutputs);
      }
      var one = CpuStorage.floats(wanted.inputBias());
      var other = CpuStorage.floats(wanted.hiddenBias());
      System.arraycopy(
          one.array, one.offset + gates.from, other.array, other.offset + gates.from, count);
      write(gates, inputs, ofInputs, CpuStorage.floats(wanted.inputWeight()));
      write(gates, outputs, ofOutputs, CpuStorage.floats(wanted.hiddenWeight()));
    } finally {
      pool.release(left);
      pool.release(ofOutputs);
      pool.release(ofInputs);
    }
  }

  private CpuStorage.Floats zeros(int length) {
    var zeros = pool.aligned(length);
    Arrays.fill(zeros.array, zeros.offset, zeros.offset + length, 0f);
    return zeros;
  }

  /** The sum over all rows; both biases share it. */
  private void bias(Gates gates, int row, int rows, CpuStorage.Floats wanted) {
    int count = gates.count;
    float[] gradients = gates.gradients.array;
    int to = wanted.offset + gates.from;
    if (row == 0) {
      System.arraycopy(gradients, gates.at(0), wanted.array, to, count);
    }
    var k = kernels.elements();
    for (int r = row == 0 ? 1 : row; r < row + rows; r++) {
      k.add(count, wanted.array, to, gradients, gates.at(r), wanted.array, to);
    }
  }

  /** The product of some rows of gates, transposed, with what they met. */
  private static void add(
      PackedMatrix right,
      int row,
      int rows,
      int count,
      CpuStorage.Floats left,
      int from,
      CpuStorage.Floats sums) {
    int apart = right.apart();
    for (int panel = 0; rows > 0 && panel < right.count(); panel++) {
      int to = sums.offset + panel * right.width();
      right.accumulateRows(panel, row, rows, count, left.array, from, ROWS, sums.array, to, apart);
    }
  }

  private static void write(
      Gates gates, PackedMatrix right, CpuStorage.Floats sums, CpuStorage.Floats wanted) {
    int columns = right.columns();
    for (int g = 0; g < gates.count; g++) {
      int to = wanted.offset + (gates.from + g) * columns;
      System.arraycopy(sums.array, sums.offset + g * right.apart(), wanted.array, to, columns);
    }
  }
}
