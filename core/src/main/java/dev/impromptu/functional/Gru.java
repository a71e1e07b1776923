package dev.impromptu.functional;

import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A stack of GRU layers over whole sequences (Cho et al., 2014; equations and layouts of PyTorch's
 * {@code nn.GRU}), in primitive operations: one product a layer for all inputs, then step by step.
 */
public final class Gru {
  private Gru() {}

  /**
   * The weights of one layer, gates in the order reset, update, new.
   *
   * @param inputWeight {@code weight_ih [3 hidden, in]}
   * @param hiddenWeight {@code weight_hh [3 hidden, hidden]}
   * @param inputBias {@code bias_ih [3 hidden]}
   * @param hiddenBias {@code bias_hh [3 hidden]}
   */
  public record Weights(
      Tensor inputWeight, Tensor hiddenWeight, Tensor inputBias, Tensor hiddenBias) {}

  /**
   * What the stack returns.
   *
   * @param y output of the last layer at every step, {@code [batch, time, hidden]}
   * @param hidden of every layer after the last step, {@code [layers, batch, hidden]}
   */
  public record Output(Tensor y, Tensor hidden) {}

  /**
   * Runs the stack.
   *
   * @param x {@code [batch, time, in]}
   * @param weights one entry a layer, from the bottom
   * @param initial {@code [layers, batch, hidden]}
   * @throws IllegalArgumentException when the sizes do not fit
   */
  public static Output gru(Tensor x, List<Weights> weights, Tensor initial) {
    int hidden = weights.getFirst().hiddenWeight().shape().size(1);
    if (x.shape().rank() != 3
        || !initial.shape().equals(Shape.of(weights.size(), x.shape().size(0), hidden))) {
      throw new IllegalArgumentException(
          "gru: expected x [batch, time, in] and a state [%d, batch, %d], but met %s and %s"
              .formatted(weights.size(), hidden, x.shape(), initial.shape()));
    }
    Tensor sequence = x;
    List<Tensor> last = new ArrayList<>();
    for (int layer = 0; layer < weights.size(); layer++) {
      List<Tensor> outputs = run(sequence, weights.get(layer), initial.select(0, layer));
      last.add(outputs.getLast());
      sequence = Tensor.stack(1, outputs.toArray(Tensor[]::new));
    }
    return new Output(sequence, Tensor.stack(0, last.toArray(Tensor[]::new)));
  }

  private static List<Tensor> run(Tensor x, Weights weights, Tensor initial) {
    Tensor inputs = Linear.linear(x, weights.inputWeight(), weights.inputBias());
    List<Tensor> outputs = new ArrayList<>();
    Tensor h = initial;
    for (int t = 0; t < x.shape().size(1); t++) {
      h = step(inputs.select(1, t), h, weights);
      outputs.add(h);
    }
    return outputs;
  }

  private static Tensor step(Tensor input, Tensor h, Weights weights) {
    int size = h.shape().size(1);
    Tensor memory = Linear.linear(h, weights.hiddenWeight(), weights.hiddenBias());
    Tensor gates = input.slice(1, 0, 2 * size).plus(memory.slice(1, 0, 2 * size)).sigmoid();
    Tensor reset = gates.slice(1, 0, size);
    Tensor update = gates.slice(1, size, 2 * size);
    Tensor fresh =
        input
            .slice(1, 2 * size, 3 * size)
            .plus(reset.times(memory.slice(1, 2 * size, 3 * size)))
            .tanh();
    return fresh.plus(update.times(h.minus(fresh)));
  }
}
