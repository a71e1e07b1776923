package dev.impromptu.testkit;

import static dev.impromptu.testkit.OpCase.indices;
import static dev.impromptu.testkit.OpCase.uniform;

import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Dropout;
import dev.impromptu.functional.Embedding;
import dev.impromptu.functional.LayerNorm;
import dev.impromptu.functional.Linear;
import dev.impromptu.functional.Lstm;
import dev.impromptu.functional.LstmStep;
import dev.impromptu.functional.PlainLstm;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The sample inputs of every operation of this library, with awkward sizes. */
public final class OpCases {
  /** Batch, time, input, hidden, layers. */
  private static final int[][] LSTM_SIZES = {
    {1, 1, 1, 1, 1},
    {7, 2, 3, 9, 1},
    {9, 3, 8, 8, 2},
    {2, 32, 5, 7, 1},
    {3, 4, 2, 33, 1},
    {1, 5, 9, 3, 3}
  };

  private OpCases() {}

  /** Every operation that has a gradient. */
  public static List<OpCase> differentiable() {
    List<OpCase> cases = new ArrayList<>();
    unary(cases);
    binary(cases);
    layouts(cases);
    reductions(cases);
    products(cases);
    fused(cases);
    layerNorm(cases);
    lstm(cases);
    ConvCases.differentiable(cases);
    TensorCases.differentiable(cases);
    LayerCases.differentiable(cases);
    return cases;
  }

  /** Every operation that has none. */
  public static List<OpCase> withoutGradient() {
    List<OpCase> cases = new ArrayList<>();
    for (int size : new int[] {1, 7, 8, 9, 33}) {
      OpCase.Values x = uniform(-3, 3, 5, size);
      cases.add(
          new OpCase(
              "argMax [5, " + size + "]",
              List.of(x),
              in -> List.of(in.getFirst().detach().argMax()),
              1));
    }
    for (int[] size : LSTM_SIZES) {
      add(
          cases,
          "lstmStep batch %d, input %d, hidden %d, layers %d"
              .formatted(size[0], size[2], size[3], size[4]),
          size[2] + size[3],
          in -> {
            List<Tensor> plain = in.stream().map(Tensor::detach).toList();
            Tensor x = plain.getFirst().select(1, 0);
            var next = LstmStep.lstmStep(x, weights(plain, size[4]), state(plain, size[4]));
            return List.of(next.hidden(), next.cell());
          },
          lstmInputs(size, true));
    }
    ConvCases.withoutGradient(cases);
    TensorCases.withoutGradient(cases);
    return cases;
  }

  private static void add(
      List<OpCase> cases, String name, int terms, OpCase.Function function, OpCase.Input... in) {
    cases.add(new OpCase(name, List.of(in), function, terms));
  }

  private static void unary(List<OpCase> cases) {
    for (int size : new int[] {1, 7, 8, 9, 33}) {
      one(cases, "negate", size, -2, 2, Tensor::negate);
      one(cases, "exp", size, -3, 3, Tensor::exp);
      one(cases, "log", size, 0.2, 4, Tensor::log);
      one(cases, "sqrt", size, 0.2, 4, Tensor::sqrt);
      one(cases, "tanh", size, -4, 4, Tensor::tanh);
      one(cases, "sigmoid", size, -6, 6, Tensor::sigmoid);
      one(cases, "relu", size, -2, 2, Tensor::relu);
      one(cases, "times", size, -2, 2, x -> x.times(-1.5));
      one(cases, "plus", size, -2, 2, x -> x.plus(0.25));
    }
  }

  private static void one(
      List<OpCase> cases,
      String name,
      int size,
      double low,
      double high,
      UnaryOperator<Tensor> function) {
    add(
        cases,
        name + " [3, " + size + "]",
        1,
        in -> List.of(function.apply(in.getFirst())),
        uniform(low, high, 3, size));
  }

  private static void binary(List<OpCase> cases) {
    int[][][] pairs = {
      {{33}, {33}},
      {{3, 9}, {9}},
      {{9}, {3, 9}},
      {{3, 1}, {1, 7}},
      {{2, 3, 8}, {3, 1}},
      {{2, 1, 8}, {2, 5, 8}},
      {{4, 7}, {1}},
      {{1}, {1, 1}},
      {{}, {5}},
    };
    for (int[][] pair : pairs) {
      OpCase.Values a = uniform(-2, 2, pair[0]);
      OpCase.Values b = uniform(0.5, 2, pair[1]);
      String sizes = " " + Shape.of(pair[0]) + " " + Shape.of(pair[1]);
      add(cases, "plus" + sizes, 40, in -> List.of(in.get(0).plus(in.get(1))), a, b);
      add(cases, "minus" + sizes, 40, in -> List.of(in.get(0).minus(in.get(1))), a, b);
      add(cases, "times" + sizes, 40, in -> List.of(in.get(0).times(in.get(1))), a, b);
      add(cases, "dividedBy" + sizes, 40, in -> List.of(in.get(0).dividedBy(in.get(1))), a, b);
    }
    add(
        cases,
        "one tensor used twice",
        2,
        in -> List.of(in.getFirst().times(in.getFirst()).plus(in.getFirst())),
        uniform(-2, 2, 7));
  }

  private static void layouts(List<OpCase> cases) {
    OpCase.Values x = uniform(-2, 2, 3, 4, 5);
    add(cases, "reshape", 1, in -> List.of(in.getFirst().reshape(Shape.of(6, 10))), x);
    for (int[] order : new int[][] {{0, 1, 2}, {2, 0, 1}, {1, 0, 2}, {2, 1, 0}}) {
      add(
          cases,
          "permute " + List.of(order[0], order[1], order[2]),
          1,
          in -> List.of(in.getFirst().permute(order)),
          x);
    }
    for (int axis = 0; axis < 3; axis++) {
      int along = axis;
      add(
          cases,
          "slice axis " + axis,
          1,
          in -> List.of(in.getFirst().slice(along, 1, 3), in.getFirst().select(along, -1)),
          x);
      add(
          cases,
          "concat axis " + axis,
          1,
          in -> List.of(Tensor.concat(along, in.get(0), in.get(1), in.get(0))),
          x,
          uniform(-1, 1, axis == 0 ? 1 : 3, axis == 1 ? 2 : 4, axis == 2 ? 7 : 5));
    }
  }

  private static void reductions(List<OpCase> cases) {
    for (int size : new int[] {1, 7, 9, 33}) {
      OpCase.Values x = uniform(-2, 2, 3, size, 2);
      add(cases, "sum " + size, 6 * size, in -> List.of(in.getFirst().sum()), x);
      add(cases, "mean " + size, 6 * size, in -> List.of(in.getFirst().mean()), x);
      for (int axis = 0; axis < 3; axis++) {
        int along = axis;
        add(
            cases,
            "sum and mean of axis " + axis + " of [3, " + size + ", 2]",
            size,
            in -> List.of(in.getFirst().sum(along), in.getFirst().mean(along)),
            x);
      }
    }
  }

  private static void products(List<OpCase> cases) {
    int[][] sizes = {{1, 1, 1}, {7, 9, 33}, {33, 8, 7}, {1, 33, 9}, {9, 1, 8}, {8, 7, 1}};
    for (int[] mnk : sizes) {
      int m = mnk[0];
      int n = mnk[1];
      int k = mnk[2];
      String name = "matmul %dx%dx%d".formatted(m, n, k);
      add(
          cases,
          name,
          Math.max(k, Math.max(m, n)),
          in -> List.of(in.get(0).matmul(in.get(1))),
          uniform(-1, 1, m, k),
          uniform(-1, 1, k, n));
      add(
          cases,
          name + " transposed",
          Math.max(k, Math.max(m, n)),
          in -> List.of(in.get(0).matmulTransposed(in.get(1))),
          uniform(-1, 1, m, k),
          uniform(-1, 1, n, k));
      add(
          cases,
          name + " batched",
          Math.max(k, Math.max(m, n)),
          in -> List.of(in.get(0).matmul(in.get(1))),
          uniform(-1, 1, 3, m, k),
          uniform(-1, 1, 3, k, n));
    }
    for (int batch : new int[] {1, 7, 9}) {
      add(
          cases,
          "linear batch " + batch,
          33,
          in -> List.of(Linear.linear(in.get(0), in.get(1), in.get(2))),
          uniform(-1, 1, batch, 33),
          uniform(-1, 1, 8, 33),
          uniform(-1, 1, 8));
    }
    add(
        cases,
        "linear on a sequence",
        8,
        in -> List.of(Linear.linear(in.get(0), in.get(1), in.get(2))),
        uniform(-1, 1, 2, 3, 7),
        uniform(-1, 1, 5, 7),
        uniform(-1, 1, 5));
  }

  private static void fused(List<OpCase> cases) {
    for (int width : new int[] {1, 7, 8, 33}) {
      OpCase.Indices ids = indices(9, 2, 7);
      add(
          cases,
          "embedding width " + width,
          14,
          in -> List.of(Embedding.embedding(in.get(0), in.get(1))),
          ids,
          uniform(-1, 1, 9, width));
      add(
          cases,
          "dropout [7, " + width + "]",
          1,
          in -> List.of(Tape.run(new Dropout(0.4, new PhiloxKey(7, 3, 1L << 33)), in.getFirst())),
          uniform(-1, 1, 7, width));
    }
    for (int classes : new int[] {1, 2, 9, 173}) {
      add(
          cases,
          "crossEntropy of " + classes + " classes",
          classes,
          in ->
              List.of(
                  CrossEntropy.crossEntropy(in.get(0), in.get(1)),
                  CrossEntropy.perRow(in.get(0), in.get(1))),
          uniform(-5, 5, 7, classes),
          indices(classes, 7));
    }
  }

  private static void layerNorm(List<OpCase> cases) {
    int[][] shapes = {
      {1}, {7}, {5, 1}, {2, 3, 7}, {3, 8}, {2, 1, 2, 9}, {4, 16}, {7, 33}, {70, 3}, {2, 257}
    };
    for (int[] shape : shapes) {
      int width = shape[shape.length - 1];
      OpCase.Values x = uniform(-2, 3, shape);
      int rows = x.shape().elements() / width;
      add(
          cases,
          "layerNorm " + x.shape(),
          Math.max(rows, width),
          in -> List.of(LayerNorm.layerNorm(in.get(0), in.get(1), in.get(2), 1e-5)),
          x,
          uniform(0.5, 1.5, width),
          uniform(-1, 1, width));
    }
    add(
        cases,
        "layerNorm of rows as even as epsilon",
        8,
        in -> {
          Tensor even = in.getFirst().times(3e-3);
          return List.of(LayerNorm.layerNorm(even, in.get(1), in.get(2), 1e-5));
        },
        uniform(-1, 1, 3, 8),
        uniform(0.5, 1.5, 8),
        uniform(-1, 1, 8));
    add(
        cases,
        "layerNorm of what has no gradient",
        9,
        in -> {
          OpCase.Values values = uniform(-1, 1, 5, 9);
          Tensor x = Tensor.of(in.getFirst().device(), values.shape(), values.values());
          return List.of(LayerNorm.layerNorm(x, in.get(0), in.get(1), 0));
        },
        uniform(0.5, 1.5, 9),
        uniform(-1, 1, 9));
  }

  private static void lstm(List<OpCase> cases) {
    for (int[] size : LSTM_SIZES) {
      for (boolean state : new boolean[] {false, true}) {
        add(
            cases,
            "lstm batch %d, time %d, input %d, hidden %d, layers %d"
                    .formatted(size[0], size[1], size[2], size[3], size[4])
                + (state ? ", from a state" : ""),
            size[1] * (size[2] + size[3]),
            in -> all(run(in, size[4], state)),
            lstmInputs(size, state));
      }
    }
    int[] size = {3, 4, 5, 7, 2};
    add(
        cases,
        "lstm, only the last hidden state used",
        48,
        in -> List.of(run(in, 2, false).state().hidden()),
        lstmInputs(size, false));
    add(
        cases,
        "lstm, only the cell state used",
        48,
        in -> List.of(run(in, 2, false).state().cell()),
        lstmInputs(size, false));
    add(
        cases,
        "lstm, only y used",
        48,
        in -> List.of(run(in, 2, true).y()),
        lstmInputs(size, true));
    add(
        cases,
        "lstm of primitive operations",
        48,
        in -> all(PlainLstm.lstm(in.getFirst(), weights(in, 2), state(in, 2))),
        lstmInputs(size, true));
  }

  private static List<Tensor> all(Lstm.Output output) {
    return List.of(output.y(), output.state().hidden(), output.state().cell());
  }

  private static Lstm.Output run(List<Tensor> in, int layers, boolean state) {
    return state
        ? Lstm.lstm(in.getFirst(), weights(in, layers), state(in, layers))
        : Lstm.lstm(in.getFirst(), weights(in, layers));
  }

  private static Lstm.State state(List<Tensor> in, int layers) {
    return new Lstm.State(in.get(1 + 4 * layers), in.get(2 + 4 * layers));
  }

  private static List<Lstm.Weights> weights(List<Tensor> in, int layers) {
    List<Lstm.Weights> weights = new ArrayList<>();
    for (int i = 1; i < 1 + 4 * layers; i += 4) {
      weights.add(new Lstm.Weights(in.get(i), in.get(i + 1), in.get(i + 2), in.get(i + 3)));
    }
    return weights;
  }

  /** x, the weights of every layer, and perhaps a state. */
  private static OpCase.Input[] lstmInputs(int[] size, boolean state) {
    int batch = size[0];
    int input = size[2];
    int hidden = size[3];
    List<OpCase.Input> inputs = new ArrayList<>();
    inputs.add(uniform(-1, 1, batch, size[1], input));
    for (int layer = 0; layer < size[4]; layer++) {
      double bound = 0.6 + 0.1 * layer;
      inputs.add(uniform(-bound, bound, 4 * hidden, layer == 0 ? input : hidden));
      inputs.add(uniform(-bound, bound - 0.05, 4 * hidden, hidden));
      inputs.add(uniform(-bound, bound, 4 * hidden));
      inputs.add(uniform(-0.3, bound, 4 * hidden));
    }
    if (state) {
      inputs.add(uniform(-0.9, 0.9, size[4], batch, hidden));
      inputs.add(uniform(-1.5, 1.5, size[4], batch, hidden));
    }
    return inputs.toArray(OpCase.Input[]::new);
  }
}
