package dev.impromptu.functional;

import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The LSTM written step by step in primitive operations: what {@link Lstm} fuses, and what it is
 * tested against.
 */
public final class PlainLstm {
  private PlainLstm() {}

  /**
   * As {@link Lstm#lstm(Tensor, List, Lstm.State)}.
   *
   * @param x {@code [batch, time, in]}
   */
  public static Lstm.Output lstm(Tensor x, List<Lstm.Weights> weights, Lstm.State initial) {
    List<Tensor> hidden = new ArrayList<>();
    List<Tensor> cell = new ArrayList<>();
    Tensor sequence = x;
    for (int layer = 0; layer < weights.size(); layer++) {
      Tensor h = initial.hidden().select(0, layer);
      Tensor c = initial.cell().select(0, layer);
      List<Tensor> outputs = new ArrayList<>();
      for (int t = 0; t < x.shape().size(1); t++) {
        Step step = step(sequence.select(1, t), h, c, weights.get(layer));
        h = step.h;
        c = step.c;
        outputs.add(h.reshape(Shape.of(h.shape().size(0), 1, h.shape().size(1))));
      }
      sequence = Tensor.concat(1, outputs.toArray(Tensor[]::new));
      hidden.add(asLayer(h));
      cell.add(asLayer(c));
    }
    return new Lstm.Output(
        sequence,
        new Lstm.State(
            Tensor.concat(0, hidden.toArray(Tensor[]::new)),
            Tensor.concat(0, cell.toArray(Tensor[]::new))));
  }

  private static Tensor asLayer(Tensor state) {
    return state.reshape(Shape.of(1, state.shape().size(0), state.shape().size(1)));
  }

  /**
   * What one step of one layer leaves.
   *
   * @param h {@code [batch, hidden]}
   * @param c {@code [batch, hidden]}
   */
  public record Step(Tensor h, Tensor c) {}

  /**
   * One step of one layer.
   *
   * @param x {@code [batch, in]}
   * @param h {@code [batch, hidden]}
   * @param c {@code [batch, hidden]}
   */
  public static Step step(Tensor x, Tensor h, Tensor c, Lstm.Weights weights) {
    Tensor gates =
        Linear.linear(x, weights.inputWeight(), weights.inputBias())
            .plus(Linear.linear(h, weights.hiddenWeight(), weights.hiddenBias()));
    int size = h.shape().size(1);
    Tensor i = gates.slice(1, 0, size).sigmoid();
    Tensor f = gates.slice(1, size, 2 * size).sigmoid();
    Tensor g = gates.slice(1, 2 * size, 3 * size).tanh();
    Tensor o = gates.slice(1, 3 * size, 4 * size).sigmoid();
    Tensor nextC = f.times(c).plus(i.times(g));
    return new Step(o.times(nextC.tanh()), nextC);
  }
}
