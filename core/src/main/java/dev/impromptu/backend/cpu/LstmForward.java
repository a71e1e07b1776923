package dev.impromptu.backend.cpu;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.Storage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of a stack of LSTM layers. Each team member takes a few sequences through all
 * steps of a layer, so nobody waits for anybody between steps. The input's share of the gates is
 * computed for some steps ahead: few enough that the sums are still in the cache when the recurrent
 * share and the nonlinearities follow.
 */
final class LstmForward {
  /**
   * Up to so many rows of all steps, packing the weights would take longer than it saves; see "A
   * lookahead that carries the state" in docs/benchmarks.md.
   */
  private static final int ROWS_BY_DOTS = 16;

  private final Team team;
  private final MemoryPool pool;
  private final Products products;
  private final Kernels kernels;

  LstmForward(Team team, MemoryPool pool, Products products, Kernels kernels) {
    this.team = team;
    this.pool = pool;
    this.products = products;
    this.kernels = kernels;
  }

  void run(
      LstmShape shape,
      Storage x,
      List<LstmWeights> weights,
      @Nullable LstmState initial,
      Storage y,
      LstmState last,
      Storage reserve) {
    var at = LstmLayout.of(shape);
    var input = CpuStorage.floats(x);
    var kept = CpuStorage.floats(reserve);
    var output = CpuStorage.floats(y);
    Sequences.swap(
        at.batch(), at.steps(), at.input(), input.array, input.offset, kept.array, kept.offset);
    for (int layer = 0; layer < at.layers(); layer++) {
      var start = initial == null ? null : LayerState.of(initial, at, layer);
      if (at.rows() <= ROWS_BY_DOTS) {
        fewRows(at, layer, weights.get(layer), start, kept);
      } else {
        tiles(at, layer, weights.get(layer), start, kept);
      }
      keepLast(at, layer, kept, last);
    }
    int top = kept.offset + at.outputs(at.layers() - 1, 0, 0);
    Sequences.swap(
        at.steps(), at.batch(), at.hidden(), kept.array, top, output.array, output.offset);
  }

  /** One layer's work: its weights, packed, both biases, and what comes before and after. */
  private record Layer(
      LstmLayout at,
      int index,
      PackedMatrix input,
      PackedMatrix recurrent,
      CpuStorage.Floats bias,
      @Nullable LayerState start,
      CpuStorage.Floats zeros,
      CpuStorage.Floats kept) {}

  private void tiles(
      LstmLayout at,
      int layer,
      LstmWeights weights,
      @Nullable LayerState start,
      CpuStorage.Floats kept) {
    int width = 4 * at.hidden();
    int in = at.inputSize(layer);
    var kernel = kernels.product();
    var inputMemory = pool.aligned(PackedMatrix.size(kernel, in, width));
    var recurrentMemory = pool.aligned(PackedMatrix.size(kernel, at.hidden(), width));
    var bias = pool.floats(width);
    var zeros = pool.zeros(at.hidden());
    try {
      var input = new PackedMatrix(kernel, inputMemory, in, width);
      var recurrent = new PackedMatrix(kernel, recurrentMemory, at.hidden(), width);
      int panels = input.count();
      var fromInput = CpuStorage.floats(weights.inputWeight());
      var fromHidden = CpuStorage.floats(weights.hiddenWeight());
      team.run(
          2 * panels,
          task -> {
            if (task < panels) {
              input.pack(task, true, fromInput.array, fromInput.offset);
            } else {
              recurrent.pack(task - panels, true, fromHidden.array, fromHidden.offset);
            }
          });
      bias(at, weights, bias.array, bias.offset);
      var call = new Layer(at, layer, input, recurrent, bias, start, zeros, kept);
      int tile = at.tile(team.size());
      team.run(
          (at.batch() + tile - 1) / tile,
          task -> tile(call, task * tile, Math.min(tile, at.batch() - task * tile)));
    } finally {
      pool.release(zeros);
      pool.release(bias);
      pool.release(recurrentMemory);
      pool.release(inputMemory);
    }
  }

  private static void bias(LstmLayout at, LstmWeights weights, float[] bias, int offset) {
    var input = CpuStorage.floats(weights.inputBias());
    var hidden = CpuStorage.floats(weights.hiddenBias());
    for (int j = 0; j < 4 * at.hidden(); j++) {
      bias[offset + j] = input.array[input.offset + j] + hidden.array[hidden.offset + j];
    }
  }

  /** A few sequences, through all steps. */
  private void tile(Layer layer, int row, int rows) {
    var at = layer.at;
    int ahead = at.stepsAtOnce(rows);
    int apart = layer.recurrent.apart();
    var sums = pool.aligned(ahead * rows * apart);
    try {
      for (int t = 0; t < at.steps(); t += ahead) {
        int steps = Math.min(ahead, at.steps() - t);
        inputShare(layer, t, steps, row, rows, sums);
        for (int s = 0; s < steps; s++) {
          step(layer, t + s, row, rows, sums.array, sums.offset + s * rows * apart);
        }
      }
    } finally {
      pool.release(sums);
    }
  }

  /** Both biases and the product of the inputs of some steps. */
  private static void inputShare(
      Layer layer, int t, int steps, int row, int rows, CpuStorage.Floats sums) {
    var at = layer.at;
    int in = at.inputSize(layer.index);
    int apart = layer.input.apart();
    for (int r = 0; r < steps * rows; r++) {
      System.arraycopy(
          layer.bias.array,
          layer.bias.offset,
          sums.array,
          sums.offset + r * apart,
          4 * at.hidden());
    }
    int from = layer.kept.offset + at.inputs(layer.index) + (t * at.batch() + row) * in;
    layer.input.accumulateGroups(
        steps, rows, layer.kept.array, from, at.batch() * in, in, sums.array, sums.offset);
  }

  private void step(Layer layer, int t, int row, int rows, float[] sums, int from) {
    var at = layer.at;
    int hidden = at.hidden();
    var kept = layer.kept;
    if (t > 0) {
      int before = kept.offset + at.outputs(layer.index, t - 1, row);
      layer.recurrent.accumulateGroups(1, rows, kept.array, before, 0, hidden, sums, from);
    } else if (layer.start != null) {
      int before = layer.start.hidden(row);
      layer.recurrent.accumulateGroups(
          1, rows, layer.start.hidden(), before, 0, hidden, sums, from);
    }
    int apart = layer.recurrent.apart();
    for (int r = 0; r < rows; r++) {
      cell(at, layer.index, t, row + r, layer.start, layer.zeros, sums, from + r * apart, kept);
    }
  }

  /** A few rows of all steps, as generation has: reading the weights is all the work there is. */
  private void fewRows(
      LstmLayout at,
      int layer,
      LstmWeights weights,
      @Nullable LayerState start,
      CpuStorage.Floats kept) {
    int hidden = at.hidden();
    int width = 4 * hidden;
    int gates = kept.offset + at.gates(layer, 0, 0);
    bias(at, weights, kept.array, gates);
    for (int r = 1; r < at.rows(); r++) {
      System.arraycopy(kept.array, gates, kept.array, gates + r * width, width);
    }
    var inputWeight = CpuStorage.floats(weights.inputWeight());
    products.dots(
        new Matmul(1, at.rows(), width, at.inputSize(layer), false, true),
        kept.array,
        kept.offset + at.inputs(layer),
        inputWeight.array,
        inputWeight.offset,
        kept.array,
        gates);
    var weight = CpuStorage.floats(weights.hiddenWeight());
    var product = new Matmul(1, at.batch(), width, hidden, false, true);
    var zeros = pool.zeros(hidden);
    try {
      for (int t = 0; t < at.steps(); t++) {
        if (t > 0 || start != null) {
          products.dots(
              product,
              t > 0 ? kept.array : start.hidden(),
              t > 0 ? kept.offset + at.outputs(layer, t - 1, 0) : start.hidden(0),
              weight.array,
              weight.offset,
              kept.array,
              kept.offset + at.gates(layer, t, 0));
        }
        for (int r = 0; r < at.batch(); r++) {
          int sums = kept.offset + at.gates(layer, t, r);
          cell(at, layer, t, r, start, zeros, kept.array, sums, kept);
        }
      }
    } finally {
      pool.release(zeros);
    }
  }

  /** One sequence's nonlinearities. The sums may lie where the gates will. */
  private void cell(
      LstmLayout at,
      int layer,
      int t,
      int row,
      @Nullable LayerState start,
      CpuStorage.Floats zeros,
      float[] sums,
      int from,
      CpuStorage.Floats kept) {
    var k = kernels.elements();
    int n = at.hidden();
    var array = kept.array;
    int g = kept.offset + at.gates(layer, t, row);
    k.sigmoid(2 * n, sums, from, array, g);
    k.tanh(n, sums, from + 2 * n, array, g + 2 * n);
    k.sigmoid(n, sums, from + 3 * n, array, g + 3 * n);
    int c = kept.offset + at.cells(layer, t, row);
    int h = kept.offset + at.outputs(layer, t, row);
    if (t > 0) {
      int before = kept.offset + at.cells(layer, t - 1, row);
      k.lstmCell(n, array, g, array, before, array, c, array, h);
    } else if (start != null) {
      k.lstmCell(n, array, g, start.cell(), start.cell(row), array, c, array, h);
    } else {
      k.lstmCell(n, array, g, zeros.array, zeros.offset, array, c, array, h);
    }
  }

  private static void keepLast(LstmLayout at, int layer, CpuStorage.Floats kept, LstmState last) {
    var state = LayerState.of(last, at, layer);
    int length = at.batch() * at.hidden();
    int t = at.steps() - 1;
    System.arraycopy(
        kept.array, kept.offset + at.outputs(layer, t, 0), state.hidden(), state.hidden(0), length);
    System.arraycopy(
        kept.array, kept.offset + at.cells(layer, t, 0), state.cell(), state.cell(0), length);
  }
}
