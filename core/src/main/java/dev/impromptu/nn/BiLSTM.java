package dev.impromptu.nn;

import dev.impromptu.functional.Lstm;
import dev.impromptu.functional.PackedLstm;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A stack of LSTM layers that each read the sequence in both directions; PyTorch's {@code
 * nn.LSTM(batch_first=True, bidirectional=True)}, with its names and first values.
 */
public final class BiLSTM implements Module {
  private final List<LSTMCell> forwards = new ArrayList<>();
  private final List<LSTMCell> backwards = new ArrayList<>();

  /**
   * Makes the stack.
   *
   * @param inputSize features that come in
   * @param hiddenSize features of each direction's output
   * @param layerCount height of the stack
   */
  public BiLSTM(Device device, int inputSize, int hiddenSize, int layerCount, PhiloxRandom random) {
    if (layerCount < 1 || inputSize < 1 || hiddenSize < 1) {
      throw new IllegalArgumentException(
          "BiLSTM: inputSize %d, hiddenSize %d and layerCount %d must be at least 1"
              .formatted(inputSize, hiddenSize, layerCount));
    }
    for (int layer = 0; layer < layerCount; layer++) {
      int in = layer == 0 ? inputSize : 2 * hiddenSize;
      forwards.add(new LSTMCell(device, in, hiddenSize, random));
      backwards.add(new LSTMCell(device, in, hiddenSize, random));
    }
  }

  /**
   * Runs over sequences of one length, from zero states.
   *
   * @param x {@code [batch, time, inputSize]}
   * @return y {@code [batch, time, 2 hiddenSize]}, forwards first, and the states {@code [2 layers,
   *     batch, hiddenSize]} of both directions after their last step, layer by layer
   */
  public Lstm.Output forward(Tensor x) {
    int[] lengths = new int[x.shape().size(0)];
    Arrays.fill(lengths, x.shape().size(1));
    return forward(x, lengths);
  }

  /**
   * Runs over sequences of different lengths, padded to one; each direction starts at its own end.
   *
   * @param lengths one for each sequence, from 1 to time
   */
  public Lstm.Output forward(Tensor x, int[] lengths) {
    List<Tensor> hidden = new ArrayList<>();
    List<Tensor> cell = new ArrayList<>();
    Tensor sequence = x;
    for (int layer = 0; layer < forwards.size(); layer++) {
      Lstm.Output there = run(sequence, lengths, forwards.get(layer));
      Tensor mirrored = PackedLstm.reversed(sequence, lengths);
      Lstm.Output back = run(mirrored, lengths, backwards.get(layer));
      sequence = Tensor.concat(2, there.y(), PackedLstm.reversed(back.y(), lengths));
      hidden.addAll(List.of(there.state().hidden(), back.state().hidden()));
      cell.addAll(List.of(there.state().cell(), back.state().cell()));
    }
    return new Lstm.Output(
        sequence,
        new Lstm.State(
            Tensor.concat(0, hidden.toArray(Tensor[]::new)),
            Tensor.concat(0, cell.toArray(Tensor[]::new))));
  }

  private static Lstm.Output run(Tensor x, int[] lengths, LSTMCell cell) {
    return PackedLstm.lstm(x, lengths, List.of(cell.weights()), null);
  }

  @Override
  public void visit(Visitor visitor) {
    for (int layer = 0; layer < forwards.size(); layer++) {
      forwards.get(layer).visit("_l" + layer, visitor);
      backwards.get(layer).visit("_l" + layer + "_reverse", visitor);
    }
  }
}
