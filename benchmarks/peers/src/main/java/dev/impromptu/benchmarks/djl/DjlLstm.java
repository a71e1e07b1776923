package dev.impromptu.benchmarks.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import dev.impromptu.music.model.LstmComposer;

/** The original project's network, with PyTorch's fused LSTM. */
final class DjlLstm {
  private final LstmComposer.Sizes sizes;
  private final Weights weights;
  private final NDList lstm;

  DjlLstm(LstmComposer.Sizes sizes, Weights weights) {
    this.sizes = sizes;
    this.weights = weights;
    lstm = weights.lstm(sizes.layers());
  }

  /** Hidden and cell state of zeros. */
  NDList zeroState(NDManager manager, int batch) {
    var shape = new Shape(sizes.layers(), batch, sizes.hidden());
    return new NDList(manager.zeros(shape), manager.zeros(shape));
  }

  /**
   * Runs the stack.
   *
   * @param ids {@code [batch, time]}, of 64 bits
   * @param state hidden and cell before the first step
   * @return output, hidden and cell
   */
  NDList run(NDArray ids, NDList state, boolean training) {
    NDArray embedded =
        ids.getNDArrayInternal()
            .embedding(ids, weights.of("embedding.weight"), SparseFormat.DENSE)
            .singletonOrThrow();
    return embedded
        .getNDArrayInternal()
        .lstm(embedded, state, lstm, true, sizes.layers(), 0, training, false, true);
  }

  /**
   * The linear layers.
   *
   * @param last the stack's output at the last step, {@code [batch, hidden]}
   * @param dropout whether there is any
   */
  NDArray head(NDArray last, boolean dropout) {
    NDArray x = last;
    for (String layer : new String[] {"linear1", "linear2", "linear3"}) {
      NDArray kept = dropout ? drop(x) : x;
      x = weights.linear(layer, kept.getNDArrayInternal().relu());
    }
    return x;
  }

  private NDArray drop(NDArray x) {
    return x.getNDArrayInternal().dropout(x, (float) sizes.dropout(), true).singletonOrThrow();
  }
}
