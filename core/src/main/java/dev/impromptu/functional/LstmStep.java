package dev.impromptu.functional;

import dev.impromptu.tensor.Op;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * One step of a stack of LSTM layers, for using a model: {@link Lstm} over a sequence of one step,
 * without what its backward would need. It has no gradient.
 *
 * @param layers height of the stack
 */
public record LstmStep(int layers) implements Op {
  /**
   * Takes one step.
   *
   * @param x {@code [batch, in]}
   * @param weights one entry a layer, from the bottom
   * @param state before the step, hidden and cell of {@code [layers, batch, hidden]}
   * @return the state after it; the last layer's hidden state is the output
   * @throws IllegalArgumentException when the sizes do not fit
   */
  public static Lstm.State lstmStep(Tensor x, List<Lstm.Weights> weights, Lstm.State state) {
    List<Tensor> outputs =
        Tape.runAll(
            new LstmStep(weights.size()), Lstm.inputs(x, weights, state).toArray(Tensor[]::new));
    return new Lstm.State(outputs.get(0), outputs.get(1));
  }

  @Override
  public String name() {
    return "lstmStep";
  }

  @Override
  public Forward forward(List<Tensor> inputs) {
    Tensor x = inputs.getFirst();
    if (x.shape().rank() != 2) {
      throw new IllegalArgumentException(
          "lstmStep: expected an input [batch, features], but it is " + x.shape());
    }
    var lstm = new Lstm(layers, true);
    List<Tensor> sequence = new ArrayList<>(inputs);
    sequence.set(0, x.reshape(Shape.of(x.shape().size(0), 1, x.shape().size(1))));
    var shape = lstm.requireShape(sequence);
    Tensor hidden = Tensor.empty(x.device(), inputs.get(1 + 4 * layers).shape());
    Tensor cell = Tensor.empty(x.device(), hidden.shape());
    x.device()
        .backend()
        .lstmStep(
            shape,
            x.storage(),
            lstm.weights(inputs),
            lstm.requiredState(inputs),
            new dev.impromptu.backend.LstmState(hidden.storage(), cell.storage()));
    return new Forward(List.of(hidden, cell), List.of());
  }
}
