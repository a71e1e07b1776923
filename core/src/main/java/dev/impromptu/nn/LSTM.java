package dev.impromptu.nn;

import dev.impromptu.functional.Lstm;
import dev.impromptu.functional.LstmStep;
import dev.impromptu.functional.PackedLstm;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A stack of LSTM layers; PyTorch's {@code nn.LSTM(batch_first=True)}, with its names and first
 * values: evenly from {@code ±1 / sqrt(hidden)}.
 */
public final class LSTM implements Module {
  private final List<LSTMCell> layers = new ArrayList<>();
  private final List<Lstm.Weights> weights;

  /**
   * Makes the stack.
   *
   * @param inputSize features that come in
   * @param hiddenSize features of every layer's output
   * @param layerCount height of the stack
   */
  public LSTM(Device device, int inputSize, int hiddenSize, int layerCount, PhiloxRandom random) {
    if (layerCount < 1 || inputSize < 1 || hiddenSize < 1) {
      throw new IllegalArgumentException(
          "LSTM: inputSize %d, hiddenSize %d and layerCount %d must be at least 1"
              .formatted(inputSize, hiddenSize, layerCount));
    }
    for (int layer = 0; layer < layerCount; layer++) {
      layers.add(new LSTMCell(device, layer == 0 ? inputSize : hiddenSize, hiddenSize, random));
    }
    weights = layers.stream().map(LSTMCell::weights).toList();
  }

  /**
   * Runs from a zero state.
   *
   * @param x {@code [batch, time, inputSize]}
   * @return y {@code [batch, time, hiddenSize]} and the state after the last step
   */
  public Lstm.Output forward(Tensor x) {
    return Lstm.lstm(x, weights);
  }

  /** Runs from a given state. */
  public Lstm.Output forward(Tensor x, Lstm.State initial) {
    return Lstm.lstm(x, weights, initial);
  }

  /**
   * Runs over sequences of different lengths, padded to one, from a zero state.
   *
   * @param x {@code [batch, time, inputSize]}
   * @param lengths one for each sequence, from 1 to time
   * @return y, zeros behind a sequence's end, and the state after each sequence's last step
   */
  public Lstm.Output forward(Tensor x, int[] lengths) {
    return PackedLstm.lstm(x, lengths, weights, null);
  }

  /**
   * One step, for using the model: it has no gradient.
   *
   * @param x {@code [batch, inputSize]}
   * @param state before the step, each {@code [layers, batch, hiddenSize]}
   * @return the state after it; the last layer's hidden state is the output
   */
  public Lstm.State step(Tensor x, Lstm.State state) {
    return LstmStep.lstmStep(x, weights, state);
  }

  @Override
  public void visit(Visitor visitor) {
    for (int layer = 0; layer < layers.size(); layer++) {
      layers.get(layer).visit("_l" + layer, visitor);
    }
  }
}
