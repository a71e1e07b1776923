package dev.impromptu.functional;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Storage;
import dev.impromptu.tensor.DifferentiableOp;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stack of LSTM layers over whole sequences as one fused operation (Hochreiter and Schmidhuber,
 * "Long short-term memory", 1997; equations and layouts of PyTorch's {@code nn.LSTM}).
 *
 * <p>Its inputs are x, then four weights a layer, then, where a state is given, h and c. {@link
 * PlainLstm} is the same in primitive operations.
 *
 * @param layers height of the stack
 * @param stateGiven whether the initial state is an input; zeros otherwise
 */
public record Lstm(int layers, boolean stateGiven) implements DifferentiableOp {
  /**
   * The weights of one layer, gates in the order input, forget, cell, output.
   *
   * @param inputWeight {@code weight_ih [4 hidden, in]}
   * @param hiddenWeight {@code weight_hh [4 hidden, hidden]}
   * @param inputBias {@code bias_ih [4 hidden]}
   * @param hiddenBias {@code bias_hh [4 hidden]}
   */
  public record Weights(
      Tensor inputWeight, Tensor hiddenWeight, Tensor inputBias, Tensor hiddenBias) {}

  /**
   * The state of all layers.
   *
   * @param hidden {@code [layers, batch, hidden]}
   * @param cell {@code [layers, batch, hidden]}
   */
  public record State(Tensor hidden, Tensor cell) {}

  /**
   * What the stack returns.
   *
   * @param y output of the last layer at every step, {@code [batch, time, hidden]}
   * @param state of every layer after the last step
   */
  public record Output(Tensor y, State state) {}

  /**
   * Runs the stack from a zero state.
   *
   * @param x {@code [batch, time, in]}
   * @param weights one entry a layer, from the bottom
   * @throws IllegalArgumentException when the sizes do not fit
   */
  public static Output lstm(Tensor x, List<Weights> weights) {
    return run(x, weights, null);
  }

  /** Runs the stack from a given state. */
  public static Output lstm(Tensor x, List<Weights> weights, State initial) {
    return run(x, weights, initial);
  }

  private static Output run(Tensor x, List<Weights> weights, @Nullable State initial) {
    List<Tensor> outputs =
        Tape.runAll(
            new Lstm(weights.size(), initial != null),
            inputs(x, weights, initial).toArray(Tensor[]::new));
    return new Output(outputs.get(0), new State(outputs.get(1), outputs.get(2)));
  }

  /** The inputs of the operation in their order. */
  static List<Tensor> inputs(Tensor x, List<Weights> weights, @Nullable State initial) {
    List<Tensor> inputs = new ArrayList<>();
    inputs.add(x);
    for (Weights layer : weights) {
      inputs.addAll(
          List.of(layer.inputWeight, layer.hiddenWeight, layer.inputBias, layer.hiddenBias));
    }
    if (initial != null) {
      inputs.add(initial.hidden);
      inputs.add(initial.cell);
    }
    return inputs;
  }

  @Override
  public String name() {
    return "lstm";
  }

  @Override
  public Forward forward(List<Tensor> inputs) {
    LstmShape shape = requireShape(inputs);
    Tensor x = inputs.getFirst();
    Backend backend = x.device().backend();
    Tensor y = Tensor.empty(x.device(), Shape.of(shape.batch(), shape.time(), shape.hiddenSize()));
    Shape stateShape = stateShape(shape);
    Tensor hidden = Tensor.empty(x.device(), stateShape);
    Tensor cell = Tensor.empty(x.device(), stateShape);
    Tensor reserve = Tensor.empty(x.device(), Shape.of(backend.lstmReserve(shape)));
    backend.lstmForward(
        shape,
        x.storage(),
        weights(inputs),
        state(inputs),
        y.storage(),
        new LstmState(hidden.storage(), cell.storage()),
        reserve.storage());
    List<Tensor> saved = new ArrayList<>(inputs);
    saved.add(reserve);
    return new Forward(List.of(y, hidden, cell), saved);
  }

  @Override
  public List<@Nullable Tensor> backward(Backward context) {
    List<Tensor> inputs = new ArrayList<>();
    int count = 1 + 4 * layers + (stateGiven ? 2 : 0);
    for (int i = 0; i < count; i++) {
      inputs.add(context.saved(i));
    }
    Tensor x = inputs.getFirst();
    LstmShape shape = requireShape(inputs);
    @Nullable Tensor[] gradients = new Tensor[count];
    for (int i = 0; i < count; i++) {
      boolean weight = i >= 1 && i <= 4 * layers;
      if (weight || context.wants(i) || (i > 4 * layers && stateGiven)) {
        gradients[i] = Tensor.empty(x.device(), inputs.get(i).shape());
      }
    }
    List<@Nullable Tensor> result = Arrays.asList(gradients);
    x.device()
        .backend()
        .lstmBackward(
            shape,
            x.storage(),
            weights(inputs),
            state(inputs),
            context.saved(count).storage(),
            storage(context.outputGradient(0)),
            lastGradient(context, stateShape(shape), x),
            storage(gradients[0]),
            state(result),
            weights(result));
    return result;
  }

  private static Shape stateShape(LstmShape shape) {
    return Shape.of(shape.layers(), shape.batch(), shape.hiddenSize());
  }

  private static @Nullable Storage storage(@Nullable Tensor tensor) {
    return tensor == null ? null : tensor.storage();
  }

  List<LstmWeights> weights(List<? extends @Nullable Tensor> tensors) {
    List<LstmWeights> weights = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      int first = 1 + 4 * layer;
      weights.add(
          new LstmWeights(
              required(tensors, first),
              required(tensors, first + 1),
              required(tensors, first + 2),
              required(tensors, first + 3)));
    }
    return weights;
  }

  private static Storage required(List<? extends @Nullable Tensor> tensors, int index) {
    return Objects.requireNonNull(tensors.get(index)).storage();
  }

  private @Nullable LstmState state(List<? extends @Nullable Tensor> tensors) {
    return stateGiven ? requiredState(tensors) : null;
  }

  LstmState requiredState(List<? extends @Nullable Tensor> tensors) {
    return new LstmState(required(tensors, 1 + 4 * layers), required(tensors, 2 + 4 * layers));
  }

  /** Either half may be absent; the backend gets both or none. */
  private static @Nullable LstmState lastGradient(Backward context, Shape shape, Tensor x) {
    Tensor hidden = context.outputGradient(1);
    Tensor cell = context.outputGradient(2);
    if (hidden == null && cell == null) {
      return null;
    }
    Tensor dHidden = hidden == null ? Tensor.zeros(x.device(), shape) : hidden;
    Tensor dCell = cell == null ? Tensor.zeros(x.device(), shape) : cell;
    return new LstmState(dHidden.storage(), dCell.storage());
  }

  LstmShape requireShape(List<Tensor> inputs) {
    Shape x = inputs.getFirst().shape();
    if (x.rank() != 3) {
      throw new IllegalArgumentException(
          "lstm: expected an input [batch, time, features], but it is " + x);
    }
    int hidden = inputs.get(2).shape().size(-1);
    var shape = new LstmShape(x.size(0), x.size(1), x.size(2), hidden, layers);
    for (int layer = 0; layer < layers; layer++) {
      int in = shape.inputSize(layer);
      int first = 1 + 4 * layer;
      require(inputs, first, "weight_ih_l" + layer, Shape.of(4 * hidden, in));
      require(inputs, first + 1, "weight_hh_l" + layer, Shape.of(4 * hidden, hidden));
      require(inputs, first + 2, "bias_ih_l" + layer, Shape.of(4 * hidden));
      require(inputs, first + 3, "bias_hh_l" + layer, Shape.of(4 * hidden));
    }
    if (stateGiven) {
      require(inputs, 1 + 4 * layers, "the hidden state", stateShape(shape));
      require(inputs, 2 + 4 * layers, "the cell state", stateShape(shape));
    }
    return shape;
  }

  private static void require(List<Tensor> inputs, int index, String what, Shape expected) {
    Shape met = inputs.get(index).shape();
    if (!met.equals(expected)) {
      throw new IllegalArgumentException(
          "lstm: for an input %s, %s must be %s, but it is %s"
              .formatted(inputs.getFirst().shape(), what, expected, met));
    }
  }
}
