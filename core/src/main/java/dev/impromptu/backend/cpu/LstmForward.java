package dev.impromptu.backend.cpu;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.Storage;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of a stack of LSTM layers. The input's share of the gates is one large product
 * over all steps; then each team member takes a few sequences through all steps, so nobody waits
 * for anybody between steps.
 */
final class LstmForward {
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
      inputShare(at, layer, weights.get(layer), kept);
      var start = initial == null ? null : LayerState.of(initial, at, layer);
      if (at.rows() < Products.FEW_ROWS) {
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

  /** Both biases and the product of all inputs. */
  private void inputShare(LstmLayout at, int layer, LstmWeights weights, CpuStorage.Floats kept) {
    int width = 4 * at.hidden();
    int gates = kept.offset + at.gates(layer, 0, 0);
    var inputBias = CpuStorage.floats(weights.inputBias());
    var hiddenBias = CpuStorage.floats(weights.hiddenBias());
    for (int j = 0; j < width; j++) {
      kept.array[gates + j] =
          inputBias.array[inputBias.offset + j] + hiddenBias.array[hiddenBias.offset + j];
    }
    for (int r = 1; r < at.rows(); r++) {
      System.arraycopy(kept.array, gates, kept.array, gates + r * width, width);
    }
    var weight = CpuStorage.floats(weights.inputWeight());
    products.multiply(
        new Matmul(1, at.rows(), width, at.inputSize(layer), false, true),
        true,
        kept.array,
        kept.offset + at.inputs(layer),
        weight.array,
        weight.offset,
        kept.array,
        gates);
  }

  private void tiles(
      LstmLayout at,
      int layer,
      LstmWeights weights,
      @Nullable LayerState start,
      CpuStorage.Floats kept) {
    int hidden = at.hidden();
    var kernel = kernels.product();
    var memory = pool.floats(PackedMatrix.size(kernel, hidden, 4 * hidden));
    var zeros = zeros(hidden);
    try {
      var packed = new PackedMatrix(kernel, memory.array, hidden, 4 * hidden);
      var weight = CpuStorage.floats(weights.hiddenWeight());
      team.run(packed.count(), panel -> packed.pack(panel, true, weight.array, weight.offset));
      int tile = at.tile(team.size());
      team.run(
          (at.batch() + tile - 1) / tile,
          task -> {
            int row = task * tile;
            int rows = Math.min(tile, at.batch() - row);
            for (int t = 0; t < at.steps(); t++) {
              int gates = kept.offset + at.gates(layer, t, row);
              if (t > 0) {
                int before = kept.offset + at.outputs(layer, t - 1, row);
                packed.accumulate(rows, kept.array, before, hidden, kept.array, gates, 4 * hidden);
              } else if (start != null) {
                packed.accumulate(
                    rows, start.hidden(), start.hidden(row), hidden, kept.array, gates, 4 * hidden);
              }
              cells(at, layer, t, row, rows, start, zeros.array, kept);
            }
          });
    } finally {
      pool.release(zeros);
      pool.release(memory);
    }
  }

  /** A step or two of generation: reading the weights once is all the work there is. */
  private void fewRows(
      LstmLayout at,
      int layer,
      LstmWeights weights,
      @Nullable LayerState start,
      CpuStorage.Floats kept) {
    int hidden = at.hidden();
    var weight = CpuStorage.floats(weights.hiddenWeight());
    var product = new Matmul(1, at.batch(), 4 * hidden, hidden, false, true);
    var zeros = zeros(hidden);
    try {
      for (int t = 0; t < at.steps(); t++) {
        if (t > 0 || start != null) {
          products.multiply(
              product,
              true,
              t > 0 || start == null ? kept.array : start.hidden(),
              t > 0 || start == null ? kept.offset + at.outputs(layer, t - 1, 0) : start.hidden(0),
              weight.array,
              weight.offset,
              kept.array,
              kept.offset + at.gates(layer, t, 0));
        }
        cells(at, layer, t, 0, at.batch(), start, zeros.array, kept);
      }
    } finally {
      pool.release(zeros);
    }
  }

  private void cells(
      LstmLayout at,
      int layer,
      int t,
      int firstRow,
      int rows,
      @Nullable LayerState start,
      float[] zeros,
      CpuStorage.Floats kept) {
    var k = kernels.elements();
    int n = at.hidden();
    var array = kept.array;
    for (int row = firstRow; row < firstRow + rows; row++) {
      int g = kept.offset + at.gates(layer, t, row);
      k.sigmoid(2 * n, array, g, array, g);
      k.tanh(n, array, g + 2 * n, array, g + 2 * n);
      k.sigmoid(n, array, g + 3 * n, array, g + 3 * n);
      int c = kept.offset + at.cells(layer, t, row);
      int h = kept.offset + at.outputs(layer, t, row);
      if (t > 0) {
        int before = kept.offset + at.cells(layer, t - 1, row);
        k.lstmCell(n, array, g, array, before, array, c, array, h);
      } else if (start != null) {
        k.lstmCell(n, array, g, start.cell(), start.cell(row), array, c, array, h);
      } else {
        k.lstmCell(n, array, g, zeros, 0, array, c, array, h);
      }
    }
  }

  private CpuStorage.Floats zeros(int length) {
    var zeros = pool.floats(length);
    Arrays.fill(zeros.array, 0, length, 0f);
    return zeros;
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
