package dev.impromptu.backend.cpu;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Storage;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The backward pass of a stack of LSTM layers, from the top layer down. Each team member takes a
 * few sequences back in time through all steps of a layer, and computes the gradients of its inputs
 * for some steps together, while those of the gates are still in the cache; then follow the
 * gradients of the weights.
 */
final class LstmBackward {
  /**
   * Up to so many rows of all steps, packing the weights would take longer than it saves; see "A
   * lookahead that carries the state" in docs/benchmarks.md.
   */
  private static final int ROWS_IN_PLACE = 32;

  private final Team team;
  private final MemoryPool pool;
  private final Kernels kernels;
  private final LstmGradients gradients;

  LstmBackward(Team team, MemoryPool pool, Kernels kernels) {
    this.team = team;
    this.pool = pool;
    this.kernels = kernels;
    gradients = new LstmGradients(team, pool, kernels);
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
    var wanted = CpuStorage.floatsOrNull(dx);
    int length = Math.multiplyExact(at.rows(), at.hidden());
    // The gradient of the outputs of the layer at work; its inputs' gradient then replaces it.
    var dh = pool.floats(length);
    var dGates = pool.floats(Math.multiplyExact(4, length));
    var dc = pool.floats(at.batch() * at.hidden());
    var zeros = pool.zeros(at.hidden());
    try {
      if (dy == null) {
        Arrays.fill(dh.array, dh.offset, dh.offset + length, 0f);
      } else {
        var given = CpuStorage.floats(dy);
        Sequences.swap(
            at.batch(), at.steps(), at.hidden(), given.array, given.offset, dh.array, dh.offset);
      }
      for (int layer = at.layers() - 1; layer >= 0; layer--) {
        var start = initial == null ? null : LayerState.of(initial, at, layer);
        var end = dLast == null ? null : LayerState.of(dLast, at, layer);
        var dStart = dInitial == null ? null : LayerState.of(dInitial, at, layer);
        var call = new Call(at, layer, kept, start, end, dStart, wanted, dh, dc, dGates, zeros);
        steps(call, weights.get(layer));
        gradients.run(at, layer, kept, start, dGates, dWeights.get(layer));
      }
    } finally {
      pool.release(zeros);
      pool.release(dc);
      pool.release(dGates);
      pool.release(dh);
    }
  }

  /**
   * One layer's work: what the forward kept, what comes in and goes out at both ends of time, and
   * the gradients under construction.
   *
   * @param dx of the input of the whole stack, {@code [batch, time, input]}, unless unwanted
   */
  private record Call(
      LstmLayout at,
      int layer,
      CpuStorage.Floats kept,
      @Nullable LayerState start,
      @Nullable LayerState end,
      @Nullable LayerState dStart,
      CpuStorage.@Nullable Floats dx,
      CpuStorage.Floats dh,
      CpuStorage.Floats dc,
      CpuStorage.Floats dGates,
      CpuStorage.Floats zeros) {
    boolean wantsInput() {
      return layer > 0 || dx != null;
    }

    int gates(int step, int row) {
      return dGates.offset + (step * at.batch() + row) * 4 * at.hidden();
    }

    int outputs(int step, int row) {
      return dh.offset + (step * at.batch() + row) * at.hidden();
    }

    int cells(int row) {
      return dc.offset + row * at.hidden();
    }
  }

  private void steps(Call call, LstmWeights weights) {
    var at = call.at;
    int width = 4 * at.hidden();
    int in = at.inputSize(call.layer);
    var kernel = kernels.product();
    var fromHidden = CpuStorage.floats(weights.hiddenWeight());
    var fromInput = CpuStorage.floats(weights.inputWeight());
    if (at.rows() <= ROWS_IN_PLACE
        && at.hidden() % kernel.width() == 0
        && in % kernel.width() == 0) {
      var recurrent = PackedMatrix.inPlace(kernel, fromHidden, width, at.hidden());
      tiles(call, recurrent, PackedMatrix.inPlace(kernel, fromInput, width, in));
      return;
    }
    var recurrentMemory = pool.aligned(PackedMatrix.size(kernel, width, at.hidden()));
    var inputMemory = pool.aligned(PackedMatrix.size(kernel, width, in));
    try {
      var recurrent = new PackedMatrix(kernel, recurrentMemory, width, at.hidden());
      var input = new PackedMatrix(kernel, inputMemory, width, in);
      int panels = recurrent.count();
      team.run(
          panels + (call.wantsInput() ? input.count() : 0),
          task -> {
            if (task < panels) {
              recurrent.pack(task, false, fromHidden.array, fromHidden.offset);
            } else {
              input.pack(task - panels, false, fromInput.array, fromInput.offset);
            }
          });
      tiles(call, recurrent, input);
    } finally {
      pool.release(inputMemory);
      pool.release(recurrentMemory);
    }
  }

  private void tiles(Call call, PackedMatrix recurrent, PackedMatrix input) {
    var at = call.at;
    int tile = at.tile(team.size());
    team.run(
        (at.batch() + tile - 1) / tile,
        task -> {
          int row = task * tile;
          tile(call, recurrent, input, row, Math.min(tile, at.batch() - row));
        });
  }

  /** A few sequences, through all steps. */
  private void tile(Call call, PackedMatrix recurrent, PackedMatrix input, int row, int rows) {
    var at = call.at;
    int together = at.stepsAtOnce(rows);
    int space = Math.max(recurrent.apart(), call.wantsInput() ? together * input.apart() : 0);
    var sums = pool.aligned(rows * space);
    try {
      begin(call, row, rows);
      for (int end = at.steps(); end > 0; end -= together) {
        int from = Math.max(0, end - together);
        for (int t = end - 1; t >= from; t--) {
          step(call, recurrent, t, row, rows, sums);
        }
        if (call.wantsInput()) {
          inputGradient(call, input, from, end, row, rows, sums);
        }
      }
      if (call.dStart != null) {
        finish(call, recurrent, row, rows, call.dStart, sums);
      }
    } finally {
      pool.release(sums);
    }
  }

  /** What comes in from behind the last step. */
  private void begin(Call call, int row, int rows) {
    int length = rows * call.at.hidden();
    int cells = call.cells(row);
    var end = call.end;
    if (end == null) {
      Arrays.fill(call.dc.array, cells, cells + length, 0f);
      return;
    }
    System.arraycopy(end.cell(), end.cell(row), call.dc.array, cells, length);
    float[] dh = call.dh.array;
    int last = call.outputs(call.at.steps() - 1, row);
    kernels.elements().add(length, dh, last, end.hidden(), end.hidden(row), dh, last);
  }

  private void step(
      Call call, PackedMatrix recurrent, int t, int row, int rows, CpuStorage.Floats sums) {
    var at = call.at;
    int hidden = at.hidden();
    int apart = recurrent.apart();
    for (int r = 0; r < rows; r++) {
      int to = sums.offset + r * apart;
      System.arraycopy(call.dh.array, call.outputs(t, row + r), sums.array, to, hidden);
    }
    if (t < at.steps() - 1) {
      int later = call.gates(t + 1, row);
      recurrent.accumulateGroups(
          1, rows, call.dGates.array, later, 0, 4 * hidden, sums.array, sums.offset);
    }
    for (int r = 0; r < rows; r++) {
      cell(call, t, row + r, sums.array, sums.offset + r * apart);
    }
  }

  private void cell(Call call, int t, int row, float[] dh, int from) {
    var at = call.at;
    int n = at.hidden();
    var kept = call.kept.array;
    int keptFrom = call.kept.offset;
    var before = call.zeros.array;
    int beforeOffset = call.zeros.offset;
    if (t > 0) {
      before = kept;
      beforeOffset = keptFrom + at.cells(call.layer, t - 1, row);
    } else if (call.start != null) {
      before = call.start.cell();
      beforeOffset = call.start.cell(row);
    }
    kernels
        .elements()
        .lstmCellBackward(
            n,
            kept,
            keptFrom + at.gates(call.layer, t, row),
            before,
            beforeOffset,
            kept,
            keptFrom + at.cells(call.layer, t, row),
            dh,
            from,
            call.dc.array,
            call.cells(row),
            call.dGates.array,
            call.gates(t, row));
  }

  /** Of some steps; the layer below finds it where the gradient of its outputs belongs. */
  private static void inputGradient(
      Call call, PackedMatrix input, int from, int end, int row, int rows, CpuStorage.Floats sums) {
    var at = call.at;
    int gates = 4 * at.hidden();
    int in = at.inputSize(call.layer);
    int apart = input.apart();
    int steps = end - from;
    Arrays.fill(sums.array, sums.offset, sums.offset + steps * rows * apart, 0f);
    input.accumulateGroups(
        steps,
        rows,
        call.dGates.array,
        call.gates(from, row),
        at.batch() * gates,
        gates,
        sums.array,
        sums.offset);
    for (int s = 0; s < steps; s++) {
      for (int r = 0; r < rows; r++) {
        int source = sums.offset + (s * rows + r) * apart;
        if (call.layer > 0 || call.dx == null) {
          int to = call.outputs(from + s, row + r);
          System.arraycopy(sums.array, source, call.dh.array, to, in);
        } else {
          int to = call.dx.offset + ((row + r) * at.steps() + from + s) * in;
          System.arraycopy(sums.array, source, call.dx.array, to, in);
        }
      }
    }
  }

  private static void finish(
      Call call,
      PackedMatrix recurrent,
      int row,
      int rows,
      LayerState dStart,
      CpuStorage.Floats sums) {
    int hidden = call.at.hidden();
    int apart = recurrent.apart();
    System.arraycopy(
        call.dc.array, call.cells(row), dStart.cell(), dStart.cell(row), rows * hidden);
    Arrays.fill(sums.array, sums.offset, sums.offset + rows * apart, 0f);
    recurrent.accumulateGroups(
        1, rows, call.dGates.array, call.gates(0, row), 0, 4 * hidden, sums.array, sums.offset);
    for (int r = 0; r < rows; r++) {
      int from = sums.offset + r * apart;
      System.arraycopy(sums.array, from, dStart.hidden(), dStart.hidden(row + r), hidden);
    }
  }
}
