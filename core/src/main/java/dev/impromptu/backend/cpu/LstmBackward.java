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
 * The backward pass of a stack of LSTM layers, from the top layer down: first the gradients of the
 * gates, step by step back in time, each team member with its own sequences; then everything that
 * follows from them in large products over all steps.
 */
final class LstmBackward {
  private static final int COLUMN_TILE = 256;

  private final Team team;
  private final MemoryPool pool;
  private final Products products;
  private final Kernels kernels;

  LstmBackward(Team team, MemoryPool pool, Products products, Kernels kernels) {
    this.team = team;
    this.pool = pool;
    this.products = products;
    this.kernels = kernels;
  }

  void run(
      LstmShape shape,
      List<LstmWeights> weights,
      @Nullable LstmState initial,
      Storage reserve,
      @Nullable Storage dy,
      @Nullable LstmState dLast,
      @Nullable Storage dx,
      @Nullable LstmState dInitial,
      List<LstmWeights> dWeights) {
    var at = LstmLayout.of(shape);
    var kept = CpuStorage.floats(reserve);
    int rows = at.rows();
    int widest = Math.max(at.hidden(), at.input());
    // The gradient of the outputs of the layer at work; its inputs' gradient then replaces it.
    var dh = pool.floats(Math.multiplyExact(rows, widest));
    var dGates = pool.floats(Math.multiplyExact(rows, 4 * at.hidden()));
    var dc = pool.floats(at.batch() * at.hidden());
    try {
      if (dy == null) {
        Arrays.fill(dh.array, 0, rows * at.hidden(), 0f);
      } else {
        var given = CpuStorage.floats(dy);
        Sequences.swap(at.batch(), at.steps(), at.hidden(), given.array, given.offset, dh.array, 0);
      }
      for (int layer = at.layers() - 1; layer >= 0; layer--) {
        var start = initial == null ? null : LayerState.of(initial, at, layer);
        var end = dLast == null ? null : LayerState.of(dLast, at, layer);
        var dStart = dInitial == null ? null : LayerState.of(dInitial, at, layer);
        var call = new Call(at, layer, kept, dh.array, dc.array, dGates.array);
        steps(call, CpuStorage.floats(weights.get(layer).hiddenWeight()), start, end, dStart);
        weightGradients(call, start, dWeights.get(layer));
        if (layer > 0 || dx != null) {
          var weight = CpuStorage.floats(weights.get(layer).inputWeight());
          products.multiply(
              new Matmul(1, rows, at.inputSize(layer), 4 * at.hidden(), false, false),
              false,
              dGates.array,
              0,
              weight.array,
              weight.offset,
              dh.array,
              0);
        }
      }
      if (dx != null) {
        var wanted = CpuStorage.floats(dx);
        Sequences.swap(
            at.steps(), at.batch(), at.input(), dh.array, 0, wanted.array, wanted.offset);
      }
    } finally {
      pool.release(dc);
      pool.release(dGates);
      pool.release(dh);
    }
  }

  /** One layer's work: what the forward kept, and the gradients under construction. */
  private record Call(
      LstmLayout at, int layer, CpuStorage.Floats kept, float[] dh, float[] dc, float[] dGates) {}

  private void steps(
      Call call,
      CpuStorage.Floats weight,
      @Nullable LayerState start,
      @Nullable LayerState end,
      @Nullable LayerState dStart) {
    var at = call.at;
    int hidden = at.hidden();
    var kernel = kernels.product();
    var memory = pool.floats(PackedMatrix.size(kernel, 4 * hidden, hidden));
    var zeros = pool.floats(hidden);
    try {
      Arrays.fill(zeros.array, 0, hidden, 0f);
      var packed = new PackedMatrix(kernel, memory.array, 4 * hidden, hidden);
      team.run(packed.count(), panel -> packed.pack(panel, false, weight.array, weight.offset));
      int tile = at.tile(team.size());
      team.run(
          (at.batch() + tile - 1) / tile,
          task -> {
            int row = task * tile;
            int rows = Math.min(tile, at.batch() - row);
            begin(call, row, rows, end);
            for (int t = at.steps() - 1; t >= 0; t--) {
              if (t < at.steps() - 1) {
                int later = ((t + 1) * at.batch() + row) * 4 * hidden;
                int here = (t * at.batch() + row) * hidden;
                packed.accumulate(rows, call.dGates, later, 4 * hidden, call.dh, here, hidden);
              }
              for (int r = row; r < row + rows; r++) {
                cell(call, t, r, start, zeros.array);
              }
            }
            if (dStart != null) {
              finish(call, packed, row, rows, dStart);
            }
          });
    } finally {
      pool.release(zeros);
      pool.release(memory);
    }
  }

  /** What comes in from behind the last step. */
  private void begin(Call call, int row, int rows, @Nullable LayerState end) {
    int hidden = call.at.hidden();
    int length = rows * hidden;
    int cells = row * hidden;
    if (end == null) {
      Arrays.fill(call.dc, cells, cells + length, 0f);
      return;
    }
    System.arraycopy(end.cell(), end.cell(row), call.dc, cells, length);
    int dh = ((call.at.steps() - 1) * call.at.batch() + row) * hidden;
    kernels.elements().add(length, call.dh, dh, end.hidden(), end.hidden(row), call.dh, dh);
  }

  private void cell(Call call, int t, int row, @Nullable LayerState start, float[] zeros) {
    var at = call.at;
    int n = at.hidden();
    var kept = call.kept.array;
    int from = call.kept.offset;
    boolean first = t == 0;
    float[] before = !first ? kept : start != null ? start.cell() : zeros;
    int beforeOffset =
        !first ? from + at.cells(call.layer, t - 1, row) : start != null ? start.cell(row) : 0;
    int index = t * at.batch() + row;
    kernels
        .elements()
        .lstmCellBackward(
            n,
            kept,
            from + at.gates(call.layer, t, row),
            before,
            beforeOffset,
            kept,
            from + at.cells(call.layer, t, row),
            call.dh,
            index * n,
            call.dc,
            row * n,
            call.dGates,
            index * 4 * n);
  }

  private static void finish(Call call, PackedMatrix packed, int row, int rows, LayerState dStart) {
    int hidden = call.at.hidden();
    int length = rows * hidden;
    System.arraycopy(call.dc, row * hidden, dStart.cell(), dStart.cell(row), length);
    int to = dStart.hidden(row);
    Arrays.fill(dStart.hidden(), to, to + length, 0f);
    packed.accumulate(rows, call.dGates, row * 4 * hidden, 4 * hidden, dStart.hidden(), to, hidden);
  }

  private void weightGradients(Call call, @Nullable LayerState start, LstmWeights wanted) {
    var at = call.at;
    int gates = 4 * at.hidden();
    var kept = call.kept;
    var input = CpuStorage.floats(wanted.inputWeight());
    products.multiply(
        new Matmul(1, gates, at.inputSize(call.layer), at.rows(), true, false),
        false,
        call.dGates,
        0,
        kept.array,
        kept.offset + at.inputs(call.layer),
        input.array,
        input.offset);
    // Outputs meet the gates of the step after; the first step met the initial state.
    var hidden = CpuStorage.floats(wanted.hiddenWeight());
    int later = at.rows() - at.batch();
    if (later == 0) {
      Arrays.fill(hidden.array, hidden.offset, hidden.offset + hidden.length, 0f);
    } else {
      products.multiply(
          new Matmul(1, gates, at.hidden(), later, true, false),
          false,
          call.dGates,
          at.batch() * gates,
          kept.array,
          kept.offset + at.outputs(call.layer, 0, 0),
          hidden.array,
          hidden.offset);
    }
    if (start != null) {
      products.multiply(
          new Matmul(1, gates, at.hidden(), at.batch(), true, false),
          true,
          call.dGates,
          0,
          start.hidden(),
          start.hidden(0),
          hidden.array,
          hidden.offset);
    }
    biasGradients(call, wanted);
  }

  /** The sum over all rows, one after another; both biases share it. */
  private void biasGradients(Call call, LstmWeights wanted) {
    int width = 4 * call.at.hidden();
    var one = CpuStorage.floats(wanted.inputBias());
    var other = CpuStorage.floats(wanted.hiddenBias());
    var k = kernels.elements();
    team.run(
        (width + COLUMN_TILE - 1) / COLUMN_TILE,
        tile -> {
          int from = tile * COLUMN_TILE;
          int n = Math.min(COLUMN_TILE, width - from);
          int to = one.offset + from;
          System.arraycopy(call.dGates, from, one.array, to, n);
          for (int r = 1; r < call.at.rows(); r++) {
            k.add(n, one.array, to, call.dGates, r * width + from, one.array, to);
          }
          System.arraycopy(one.array, to, other.array, other.offset + from, n);
        });
  }
}
