package dev.impromptu.nn;

import dev.impromptu.functional.Gru;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A stack of GRU layers; PyTorch's {@code nn.GRU(batch_first=True)}, with its names and first
 * values: evenly from {@code ±1 / sqrt(hidden)}.
 */
public final class GRU implements Module {
  private static final int GATES = 3;

  private final List<GateParameters> layers = new ArrayList<>();
  private final List<Gru.Weights> weights;
  private final int hiddenSize;

  /**
   * Makes the stack.
   *
   * @param inputSize features that come in
   * @param hiddenSize features of every layer's output
   * @param layerCount height of the stack
   */
  public GRU(Device device, int inputSize, int hiddenSize, int layerCount, PhiloxRandom random) {
    if (layerCount < 1 || inputSize < 1 || hiddenSize < 1) {
      throw new IllegalArgumentException(
          "GRU: inputSize %d, hiddenSize %d and layerCount %d must be at least 1"
              .formatted(inputSize, hiddenSize, layerCount));
    }
    this.hiddenSize = hiddenSize;
    for (int layer = 0; layer < layerCount; layer++) {
      int in = layer == 0 ? inputSize : hiddenSize;
      layers.add(GateParameters.uniform(device, GATES, in, hiddenSize, random));
    }
    weights = layers.stream().map(GRU::weights).toList();
  }

  private static Gru.Weights weights(GateParameters layer) {
    return new Gru.Weights(
        layer.inputWeight().value(),
        layer.hiddenWeight().value(),
        layer.inputBias().value(),
        layer.hiddenBias().value());
  }

  /**
   * Runs from a zero state.
   *
   * @param x {@code [batch, time, inputSize]}
   * @return y {@code [batch, time, hiddenSize]} and the state after the last step
   */
  public Gru.Output forward(Tensor x) {
    Shape state = Shape.of(layers.size(), x.shape().size(0), hiddenSize);
    return forward(x, Tensor.zeros(x.device(), state));
  }

  /**
   * Runs from a given state.
   *
   * @param initial {@code [layers, batch, hiddenSize]}
   */
  public Gru.Output forward(Tensor x, Tensor initial) {
    return Gru.gru(x, weights, initial);
  }

  @Override
  public void visit(Visitor visitor) {
    for (int layer = 0; layer < layers.size(); layer++) {
      layers.get(layer).visit("_l" + layer, visitor);
    }
  }
}
