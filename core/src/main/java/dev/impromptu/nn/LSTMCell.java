package dev.impromptu.nn;

import dev.impromptu.functional.Lstm;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.List;

/** One layer for one step; PyTorch's {@code nn.LSTMCell}, with its names and first values. */
public final class LSTMCell implements Module {
  private final Parameter inputWeight;
  private final Parameter hiddenWeight;
  private final Parameter inputBias;
  private final Parameter hiddenBias;

  /**
   * Makes the cell.
   *
   * @param inputSize features that come in
   * @param hiddenSize features of the state
   */
  public LSTMCell(Device device, int inputSize, int hiddenSize, PhiloxRandom random) {
    double bound = 1 / Math.sqrt(hiddenSize);
    inputWeight = Parameter.uniform(device, Shape.of(4 * hiddenSize, inputSize), bound, random);
    hiddenWeight = Parameter.uniform(device, Shape.of(4 * hiddenSize, hiddenSize), bound, random);
    inputBias = Parameter.uniform(device, Shape.of(4 * hiddenSize), bound, random);
    hiddenBias = Parameter.uniform(device, Shape.of(4 * hiddenSize), bound, random);
  }

  /**
   * One step.
   *
   * @param x {@code [batch, inputSize]}
   * @param state hidden and cell, each {@code [batch, hiddenSize]}
   * @return the state after the step
   */
  public Lstm.State forward(Tensor x, Lstm.State state) {
    Shape in = x.shape();
    Shape size = state.hidden().shape();
    Shape layered = Shape.of(1, size.size(0), size.size(1));
    var initial = new Lstm.State(state.hidden().reshape(layered), state.cell().reshape(layered));
    var sequence = x.reshape(Shape.of(in.size(0), 1, in.size(1)));
    Lstm.State next = Lstm.lstm(sequence, List.of(weights()), initial).state();
    return new Lstm.State(next.hidden().reshape(size), next.cell().reshape(size));
  }

  Lstm.Weights weights() {
    return new Lstm.Weights(
        inputWeight.value(), hiddenWeight.value(), inputBias.value(), hiddenBias.value());
  }

  @Override
  public void visit(Visitor visitor) {
    visit("", visitor);
  }

  void visit(String suffix, Visitor visitor) {
    visitor.parameter("weight_ih" + suffix, inputWeight);
    visitor.parameter("weight_hh" + suffix, hiddenWeight);
    visitor.parameter("bias_ih" + suffix, inputBias);
    visitor.parameter("bias_hh" + suffix, hiddenBias);
  }
}
