package dev.impromptu.backend.cpu;

import dev.impromptu.backend.LstmShape;

/**
 * Where things lie in the reserve of an LSTM. All sequences in it are time-major, {@code [time,
 * batch, .]}, so that the rows of one step lie together: the input; then for each layer its
 * activated gates {@code [time, batch, 4 hidden]}, cells and outputs {@code [time, batch, hidden]}.
 */
record LstmLayout(int steps, int batch, int input, int hidden, int layers) {
  private static final int ROWS_AT_ONCE = 64;

  static LstmLayout of(LstmShape s) {
    return new LstmLayout(s.time(), s.batch(), s.inputSize(), s.hiddenSize(), s.layers());
  }

  int size() {
    long each = input + 6L * hidden * layers;
    return Math.toIntExact(each * steps * batch);
  }

  /** Rows of a product over all steps. */
  int rows() {
    return steps * batch;
  }

  /** Features of the input of {@code layer}. */
  int inputSize(int layer) {
    return layer == 0 ? input : hidden;
  }

  /** The input of {@code layer}: the copy of x, or the outputs of the layer below. */
  int inputs(int layer) {
    return layer == 0 ? 0 : outputs(layer - 1, 0, 0);
  }

  int gates(int layer, int step, int row) {
    return layer(layer) + (step * batch + row) * 4 * hidden;
  }

  int cells(int layer, int step, int row) {
    return layer(layer) + (4 * rows() + step * batch + row) * hidden;
  }

  int outputs(int layer, int step, int row) {
    return layer(layer) + (5 * rows() + step * batch + row) * hidden;
  }

  /** One layer's rows in an {@link dev.impromptu.backend.LstmState}. */
  int state(int layer, int row) {
    return (layer * batch + row) * hidden;
  }

  private int layer(int layer) {
    return rows() * (input + 6 * hidden * layer);
  }

  /**
   * Sequences computed together through all steps. They do not depend on each other, so this may
   * follow the number of threads without changing a bit; beyond 32 the rows crowd the cache.
   */
  int tile(int threads) {
    int rows = (batch + threads - 1) / threads;
    return Math.min(32, (rows + 3) / 4 * 4);
  }

  /**
   * Steps of a tile whose products with the same weights are computed one after another: enough
   * rows to read the weights for, and few enough to find again in the second-level cache.
   */
  int stepsAtOnce(int rows) {
    return Math.clamp(ROWS_AT_ONCE / rows, 1, steps);
  }
}
