package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.ReferenceStorage.doubles;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Storage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stack of LSTM layers, straight from the equations of PyTorch's {@code nn.LSTM}. With {@code h'}
 * and {@code c'} the state of the step before:
 *
 * <pre>
 * z = W_ih x + b_ih + W_hh h' + b_hh
 * i = sigmoid(z_i)   f = sigmoid(z_f)   g = tanh(z_g)   o = sigmoid(z_o)
 * c = f c' + i g
 * h = o tanh(c)
 * </pre>
 */
final class ReferenceLstm {
  private final LstmShape shape;
  private final int batch;
  private final int time;
  private final int hidden;

  ReferenceLstm(LstmShape shape) {
    this.shape = shape;
    this.batch = shape.batch();
    this.time = shape.time();
    this.hidden = shape.hiddenSize();
  }

  int reserve() {
    return shape.layers() * 6 * batch * time * hidden;
  }

  /** What the forward keeps of one layer: everything the equations of the backward mention. */
  private record Kept(Doubles gates, Doubles cells, Doubles outputs) {}

  /** Cuts {@code [layers][gates 4H, cells H, outputs H][batch, time]} out of the reserve. */
  private Kept kept(Doubles reserve, int layer) {
    int one = batch * time * hidden;
    int start = 6 * one * layer;
    return new Kept(
        reserve.slice(start, 4 * one),
        reserve.slice(start + 4 * one, one),
        reserve.slice(start + 5 * one, one));
  }

  /** Hidden and cell state {@code [batch, hidden]} of one layer, or their gradients. */
  private record State(Doubles hidden, Doubles cell) {}

  private State state(LstmState states, int layer) {
    int one = batch * hidden;
    return new State(
        doubles(states.hidden()).slice(layer * one, one),
        doubles(states.cell()).slice(layer * one, one));
  }

  /** A copy that may be changed; zeros when absent. */
  private State copyOrZeros(@Nullable LstmState states, int layer) {
    var copy = new State(Doubles.zeros(batch * hidden), Doubles.zeros(batch * hidden));
    if (states != null) {
      copy(state(states, layer), copy);
    }
    return copy;
  }

  private static void copy(State source, State target) {
    copy(source.hidden, target.hidden);
    copy(source.cell, target.cell);
  }

  private static void copy(Doubles source, Doubles target) {
    source.copyTo(0, target, 0, source.length());
  }

  private record Weights(
      Doubles inputWeight, Doubles hiddenWeight, Doubles inputBias, Doubles hiddenBias) {
    Weights(LstmWeights weights) {
      this(
          doubles(weights.inputWeight()),
          doubles(weights.hiddenWeight()),
          doubles(weights.inputBias()),
          doubles(weights.hiddenBias()));
    }
  }

  void forward(
      Storage x,
      List<LstmWeights> weights,
      @Nullable LstmState initial,
      Storage y,
      LstmState last,
      Storage reserve) {
    var input = doubles(x);
    for (int layer = 0; layer < shape.layers(); layer++) {
      var kept = kept(doubles(reserve), layer);
      var state = copyOrZeros(initial, layer);
      forward(layer, input, new Weights(weights.get(layer)), state, kept);
      copy(state, state(last, layer));
      input = kept.outputs;
    }
    copy(input, doubles(y));
  }

  private void forward(int layer, Doubles input, Weights w, State state, Kept kept) {
    int inputSize = shape.inputSize(layer);
    for (int b = 0; b < batch; b++) {
      for (int t = 0; t < time; t++) {
        int at = b * time + t;
        for (int row = 0; row < 4 * hidden; row++) {
          double z = w.inputBias.get(row) + w.hiddenBias.get(row);
          for (int j = 0; j < inputSize; j++) {
            z += w.inputWeight.get(row * inputSize + j) * input.get(at * inputSize + j);
          }
          for (int j = 0; j < hidden; j++) {
            z += w.hiddenWeight.get(row * hidden + j) * state.hidden.get(b * hidden + j);
          }
          boolean cellGate = row / hidden == 2;
          kept.gates.set(at * 4 * hidden + row, cellGate ? Math.tanh(z) : Scalars.sigmoid(z));
        }
        for (int j = 0; j < hidden; j++) {
          var gate = gates(kept, at, j);
          double c = gate.forget * state.cell.get(b * hidden + j) + gate.input * gate.cell;
          double h = gate.output * Math.tanh(c);
          state.cell.set(b * hidden + j, c);
          state.hidden.set(b * hidden + j, h);
          kept.cells.set(at * hidden + j, c);
          kept.outputs.set(at * hidden + j, h);
        }
      }
    }
  }

  /** The activated gates of one unit at one step. */
  private record Gates(double input, double forget, double cell, double output) {}

  private Gates gates(Kept kept, int at, int unit) {
    int first = at * 4 * hidden + unit;
    return new Gates(
        kept.gates.get(first),
        kept.gates.get(first + hidden),
        kept.gates.get(first + 2 * hidden),
        kept.gates.get(first + 3 * hidden));
  }

  void backward(
      Storage x,
      List<LstmWeights> weights,
      @Nullable LstmState initial,
      Storage reserve,
      @Nullable Storage dy,
      @Nullable LstmState dLast,
      @Nullable Storage dx,
      @Nullable LstmState dInitial,
      List<LstmWeights> dWeights) {
    var dOutput = dy == null ? Doubles.zeros(batch * time * hidden) : doubles(dy);
    for (int layer = shape.layers() - 1; layer >= 0; layer--) {
      var input = layer == 0 ? doubles(x) : kept(doubles(reserve), layer - 1).outputs;
      var dInput = Doubles.zeros(batch * time * shape.inputSize(layer));
      var dState = copyOrZeros(dLast, layer);
      new LayerBackward(
              shape.inputSize(layer),
              input,
              new Weights(weights.get(layer)),
              copyOrZeros(initial, layer),
              kept(doubles(reserve), layer),
              dOutput,
              dInput,
              dState,
              new Weights(dWeights.get(layer)))
          .run();
      if (dInitial != null) {
        copy(dState, state(dInitial, layer));
      }
      dOutput = dInput;
    }
    if (dx != null) {
      copy(dOutput, doubles(dx));
    }
  }

  /**
   * The backward of one layer. {@code dState} arrives as the gradient of the last state and leaves
   * as that of the initial one.
   */
  private final class LayerBackward {
    private final int inputSize;
    private final Doubles input;
    private final Weights w;
    private final State initial;
    private final Kept kept;
    private final Doubles dOutput;
    private final Doubles dInput;
    private final State dState;
    private final Weights dW;
    private final double[] dz = new double[4 * hidden];

    LayerBackward(
        int inputSize,
        Doubles input,
        Weights w,
        State initial,
        Kept kept,
        Doubles dOutput,
        Doubles dInput,
        State dState,
        Weights dW) {
      this.inputSize = inputSize;
      this.input = input;
      this.w = w;
      this.initial = initial;
      this.kept = kept;
      this.dOutput = dOutput;
      this.dInput = dInput;
      this.dState = dState;
      this.dW = dW;
    }

    void run() {
      dW.inputWeight.fill(0);
      dW.hiddenWeight.fill(0);
      dW.inputBias.fill(0);
      dW.hiddenBias.fill(0);
      for (int b = 0; b < batch; b++) {
        for (int t = time - 1; t >= 0; t--) {
          throughGates(b, t);
          throughProducts(b, t);
        }
      }
    }

    /** From the gradients of h and c to those of z and of the cell before. */
    private void throughGates(int b, int t) {
      int at = b * time + t;
      for (int j = 0; j < hidden; j++) {
        var gate = gates(kept, at, j);
        double tanhCell = Math.tanh(kept.cells.get(at * hidden + j));
        double cellBefore =
            t == 0 ? initial.cell.get(b * hidden + j) : kept.cells.get((at - 1) * hidden + j);
        double dh = dOutput.get(at * hidden + j) + dState.hidden.get(b * hidden + j);
        double dc = dState.cell.get(b * hidden + j) + dh * gate.output * (1 - tanhCell * tanhCell);
        dz[j] = dc * gate.cell * gate.input * (1 - gate.input);
        dz[hidden + j] = dc * cellBefore * gate.forget * (1 - gate.forget);
        dz[2 * hidden + j] = dc * gate.input * (1 - gate.cell * gate.cell);
        dz[3 * hidden + j] = dh * tanhCell * gate.output * (1 - gate.output);
        dState.cell.set(b * hidden + j, dc * gate.forget);
        dState.hidden.set(b * hidden + j, 0);
      }
    }

    /** From the gradient of z to those of x, of the h before, of the weights and the biases. */
    private void throughProducts(int b, int t) {
      int at = b * time + t;
      for (int row = 0; row < 4 * hidden; row++) {
        double dRow = dz[row];
        for (int j = 0; j < inputSize; j++) {
          dInput.add(at * inputSize + j, dRow * w.inputWeight.get(row * inputSize + j));
          dW.inputWeight.add(row * inputSize + j, dRow * input.get(at * inputSize + j));
        }
        for (int j = 0; j < hidden; j++) {
          double hiddenBefore =
              t == 0 ? initial.hidden.get(b * hidden + j) : kept.outputs.get((at - 1) * hidden + j);
          dState.hidden.add(b * hidden + j, dRow * w.hiddenWeight.get(row * hidden + j));
          dW.hiddenWeight.add(row * hidden + j, dRow * hiddenBefore);
        }
        dW.inputBias.add(row, dRow);
        dW.hiddenBias.add(row, dRow);
      }
    }
  }
}
