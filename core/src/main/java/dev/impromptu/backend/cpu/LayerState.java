package dev.impromptu.backend.cpu;

import dev.impromptu.backend.LstmState;

/** One layer's part of an {@link LstmState}. */
record LayerState(float[] hidden, int hiddenOffset, float[] cell, int cellOffset, int width) {
  static LayerState of(LstmState state, LstmLayout at, int layer) {
    var hidden = CpuStorage.floats(state.hidden());
    var cell = CpuStorage.floats(state.cell());
    int from = at.state(layer, 0);
    return new LayerState(
        hidden.array, hidden.offset + from, cell.array, cell.offset + from, at.hidden());
  }

  int hidden(int row) {
    return hiddenOffset + row * width;
  }

  int cell(int row) {
    return cellOffset + row * width;
  }
}
