package dev.impromptu.nn;

import dev.impromptu.functional.Lstm;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.List;

/** One layer for one step; PyTorch's {@code nn.LSTMCell}, with its names and first values. */
public final class LSTMCell implements Module {
  private static final int GATES = 4;

  private final GateParameters gates;

  /**
   * Makes the cell.
   *
   * @param inputSize features that come in
   * @param hiddenSize features of the state
   */
  public LSTMCell(Device device, int inputSize, int hiddenSize, PhiloxRandom random) {
    gates = GateParameters.uniform(device, GATES, inputSize, hiddenSize, random);
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
        gates.inputWeight().value(),
        gates.hiddenWeight().value(),
        gates.inputBias().value(),
        gates.hiddenBias().value());
  }

  @Override
  public void visit(Visitor visitor) {
    visit("", visitor);
  }

  void visit(String suffix, Visitor visitor) {
    gates.visit(suffix, visitor);
  }
}
