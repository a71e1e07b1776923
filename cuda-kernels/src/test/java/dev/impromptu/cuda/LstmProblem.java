package dev.impromptu.cuda;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.reference.ReferenceBackend;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.testkit.Tolerance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Forward and backward of a stack of LSTM layers on given numbers, with or without each thing that
 * is optional.
 *
 * @param initial whether there is a state before the first step
 * @param dy whether the output has a gradient, likewise the last state
 * @param dx whether the gradient of the input is wanted, likewise of the initial state
 */
record LstmProblem(
    LstmShape shape, boolean initial, boolean dy, boolean dLast, boolean dx, boolean dInitial) {
  private static final String[] NAMES = {
    "y", "last hidden", "last cell", "dx", "d initial hidden", "d initial cell"
  };
  private static final String[] WEIGHT_NAMES = {
    "d input weight", "d hidden weight", "d input bias", "d hidden bias"
  };

  /** The first weight's place among the inputs, and its gradient's among the outputs. */
  private static final int WEIGHTS = 6;

  static LstmProblem whole(LstmShape shape) {
    return new LstmProblem(shape, true, true, true, true, true);
  }

  /** What a device does for the run: memory, and the four operations. */
  interface Machine {
    Storage put(float[] values);

    float[] get(Storage storage);

    LstmOperations lstm();
  }

  /** With the memory of a backend, which ends with it. */
  interface OnBackend extends Machine {
    Backend backend();

    @Override
    default Storage put(float[] values) {
      Storage storage = backend().allocate(DType.FLOAT32, values.length);
      backend().write(values, storage);
      return storage;
    }

    @Override
    default float[] get(Storage storage) {
      float[] values = new float[storage.length()];
      backend().read(storage, values);
      return values;
    }
  }

  private int state() {
    return shape.layers() * shape.batch() * shape.hiddenSize();
  }

  private int y() {
    return shape.batch() * shape.time() * shape.hiddenSize();
  }

  private int x() {
    return shape.batch() * shape.time() * shape.inputSize();
  }

  private List<Integer> weightSizes() {
    var sizes = new ArrayList<Integer>();
    int h = shape.hiddenSize();
    for (int layer = 0; layer < shape.layers(); layer++) {
      sizes.addAll(List.of(4 * h * shape.inputSize(layer), 4 * h * h, 4 * h, 4 * h));
    }
    return sizes;
  }

  /** x, initial state, dy, dLast, then the weights. */
  List<float[]> inputs() {
    var random = new PhiloxRandom(7);
    var inputs = new ArrayList<float[]>();
    var sizes = new ArrayList<>(List.of(x(), state(), state(), y(), state(), state()));
    sizes.addAll(weightSizes());
    for (int size : sizes) {
      // Weights of PyTorch's size: with greater ones the recurrence magnifies every rounding.
      double largest = inputs.size() < WEIGHTS ? 1 : 1 / Math.sqrt(shape.hiddenSize());
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) (largest * (2 * random.nextDouble() - 1));
      }
      inputs.add(values);
    }
    return inputs;
  }

  /** y, the last state, dx, the gradient of the initial state, those of the weights. */
  List<float[]> run(Machine machine) {
    return run(machine, 1);
  }

  /** The same after several backwards of the one forward. */
  List<float[]> run(Machine machine, int backwards) {
    LstmOperations lstm = machine.lstm();
    List<Storage> in = inputs().stream().map(machine::put).toList();
    List<Storage> out = outputs(machine);
    Storage reserve = machine.put(nan(lstm.lstmReserve(shape)));
    lstm.lstmForward(
        shape,
        in.get(0),
        weights(in),
        state(initial, in, 1),
        out.get(0),
        new LstmState(out.get(1), out.get(2)),
        reserve);
    for (int i = 0; i < backwards; i++) {
      lstm.lstmBackward(
          shape,
          in.get(0),
          weights(in),
          state(initial, in, 1),
          reserve,
          dy ? in.get(3) : null,
          state(dLast, in, 4),
          dx ? out.get(3) : null,
          state(dInitial, out, 4),
          weights(out));
    }
    return out.stream().map(machine::get).toList();
  }

  private List<Storage> outputs(Machine machine) {
    // Zeros, which is what stays where nothing is wanted.
    var sizes = new ArrayList<>(List.of(y(), state(), state(), x(), state(), state()));
    sizes.addAll(weightSizes());
    return sizes.stream().map(size -> machine.put(new float[size])).toList();
  }

  private static float[] nan(int length) {
    float[] values = new float[length];
    Arrays.fill(values, Float.NaN);
    return values;
  }

  private static @Nullable LstmState state(boolean there, List<Storage> from, int at) {
    return there ? new LstmState(from.get(at), from.get(at + 1)) : null;
  }

  private List<LstmWeights> weights(List<Storage> from) {
    var weights = new ArrayList<LstmWeights>();
    for (int layer = 0; layer < shape.layers(); layer++) {
      int i = WEIGHTS + 4 * layer;
      weights.add(new LstmWeights(from.get(i), from.get(i + 1), from.get(i + 2), from.get(i + 3)));
    }
    return weights;
  }

  /** Fails where a result is further from the reference's than roundings explain. */
  void requireReference(String what, List<float[]> met) {
    List<float[]> expected = run(new Reference());
    for (int i = 0; i < expected.size(); i++) {
      String name =
          i < WEIGHTS
              ? NAMES[i]
              : WEIGHT_NAMES[(i - WEIGHTS) % 4] + " of layer " + (i - WEIGHTS) / 4;
      Tolerance.requireClose(
          what + ", " + this + ", " + name, doubles(met.get(i)), doubles(expected.get(i)), 2e-5);
    }
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  /** The definition. */
  private static final class Reference implements OnBackend, LstmOperations {
    private final Backend backend = new ReferenceBackend();

    @Override
    public Backend backend() {
      return backend;
    }

    @Override
    public LstmOperations lstm() {
      return this;
    }

    @Override
    public String description() {
      return "the definition";
    }

    @Override
    public int lstmReserve(LstmShape shape) {
      return backend.lstmReserve(shape);
    }

    @Override
    public void lstmForward(
        LstmShape shape,
        Storage x,
        List<LstmWeights> weights,
        @Nullable LstmState initial,
        Storage y,
        LstmState last,
        Storage reserve) {
      backend.lstmForward(shape, x, weights, initial, y, last, reserve);
    }

    @Override
    public void lstmBackward(
        LstmShape shape,
        Storage x,
        List<LstmWeights> weights,
        @Nullable LstmState initial,
        Storage reserve,
        @Nullable Storage dy,
        @Nullable LstmState dLast,
        @Nullable Storage dx,
        @Nullable LstmState dInitial,
        List<LstmWeights> dWeights) {
      backend.lstmBackward(shape, x, weights, initial, reserve, dy, dLast, dx, dInitial, dWeights);
    }

    @Override
    public void lstmStep(
        LstmShape shape, Storage x, List<LstmWeights> weights, LstmState before, LstmState after) {
      backend.lstmStep(shape, x, weights, before, after);
    }
  }

  /** One step of the stack from the first inputs: the state after it, hidden then cell. */
  List<float[]> step(Machine machine) {
    List<Storage> in = inputs().stream().map(machine::put).toList();
    Storage hidden = machine.put(new float[state()]);
    Storage cell = machine.put(new float[state()]);
    machine
        .lstm()
        .lstmStep(
            shape,
            in.get(0),
            weights(in),
            new LstmState(in.get(1), in.get(2)),
            new LstmState(hidden, cell));
    return List.of(machine.get(hidden), machine.get(cell));
  }

  void requireReferenceStep(String what, List<float[]> met) {
    List<float[]> expected = step(new Reference());
    for (int i = 0; i < expected.size(); i++) {
      Tolerance.requireClose(
          what + ", step of " + shape + ", " + (i == 0 ? "hidden" : "cell"),
          doubles(met.get(i)),
          doubles(expected.get(i)),
          2e-5);
    }
  }
}
