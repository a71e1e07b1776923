package dev.impromptu.testkit;

import static dev.impromptu.testkit.OpCase.indices;
import static dev.impromptu.testkit.OpCase.uniform;

import dev.impromptu.functional.Activations;
import dev.impromptu.functional.CrossEntropyOptions;
import dev.impromptu.functional.Gather;
import dev.impromptu.functional.Losses;
import dev.impromptu.functional.Softmax;
import dev.impromptu.tensor.Masks;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.List;

/** Sample inputs of what goes beyond the sums and products that an LSTM needs. */
final class TensorCases {
  private static final int[] SIZES = {1, 7, 8, 9, 33};

  private TensorCases() {}

  static void differentiable(List<OpCase> cases) {
    elementwise(cases);
    choices(cases);
    layouts(cases);
    alongAnAxis(cases);
    losses(cases);
  }

  static void withoutGradient(List<OpCase> cases) {
    for (int size : SIZES) {
      OpCase.Values a = uniform(-2, 2, 3, size);
      OpCase.Values b = quarters(-2, size);
      add(
          cases,
          "comparisons [3, " + size + "] [" + size + "]",
          1,
          in -> {
            Tensor x = Masks.where(Masks.greater(in.get(0), in.get(1)), in.get(1), in.get(0));
            Tensor y = in.get(1).detach();
            Tensor plain = x.detach();
            return List.of(
                Masks.greater(plain, y),
                Masks.greaterOrEqual(plain, y),
                Masks.less(plain, y),
                Masks.lessOrEqual(plain, y),
                Masks.equal(plain, y),
                Masks.not(plain));
          },
          a,
          b);
      add(
          cases,
          "oneHot of " + size,
          1,
          in -> List.of(Gather.oneHot(in.getFirst(), size)),
          indices(size, 2, 5));
    }
  }

  private static void add(
      List<OpCase> cases, String name, int terms, OpCase.Function function, OpCase.Input... in) {
    cases.add(new OpCase(name, List.of(in), function, terms));
  }

  /** Multiples of 1/4 from a number on: equal on every device, and apart enough to differ by. */
  private static OpCase.Values quarters(double first, int size) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = first + i * 0.25;
    }
    return new OpCase.Values(Shape.of(size), values);
  }

  private static void elementwise(List<OpCase> cases) {
    for (int size : SIZES) {
      OpCase.Values x = uniform(-3, 3, 3, size);
      OpCase.Values positive = uniform(0.2, 3, 3, size);
      String sizes = " [3, " + size + "]";
      add(cases, "abs" + sizes, 1, in -> List.of(in.getFirst().abs()), x);
      add(cases, "square" + sizes, 1, in -> List.of(in.getFirst().square()), x);
      add(cases, "reciprocal" + sizes, 1, in -> List.of(in.getFirst().reciprocal()), positive);
      add(cases, "softplus" + sizes, 1, in -> List.of(in.getFirst().softplus()), x);
      add(cases, "clamp" + sizes, 1, in -> List.of(in.getFirst().clamp(-1.25, 0.75)), x);
      add(
          cases,
          "pow" + sizes,
          size * 3,
          in -> List.of(in.get(0).pow(in.get(1)), in.get(0).pow(-1.5)),
          positive,
          uniform(-2, 2, size));
      add(cases, "leakyRelu" + sizes, 2, in -> List.of(Activations.leakyRelu(in.get(0), 0.2)), x);
      add(cases, "elu" + sizes, 2, in -> List.of(Activations.elu(in.get(0))), x);
      add(cases, "silu" + sizes, 2, in -> List.of(Activations.silu(in.get(0))), x);
      add(cases, "gelu" + sizes, 4, in -> List.of(Activations.gelu(in.get(0))), x);
    }
  }

  private static void choices(List<OpCase> cases) {
    int[][][] pairs = {
      {{33}, {33}},
      {{3, 9}, {9}},
      {{9}, {3, 9}},
      {{3, 1}, {1, 7}},
      {{2, 1, 8}, {2, 5, 8}},
      {{}, {5}}
    };
    for (int[][] pair : pairs) {
      OpCase.Values a = uniform(-2, 2, pair[0]);
      OpCase.Values b = uniform(-1.5, 2, pair[1]);
      String sizes = " " + Shape.of(pair[0]) + " " + Shape.of(pair[1]);
      add(cases, "maximum" + sizes, 20, in -> List.of(in.get(0).maximum(in.get(1))), a, b);
      add(cases, "minimum" + sizes, 20, in -> List.of(in.get(0).minimum(in.get(1))), a, b);
      add(
          cases,
          "where" + sizes,
          20,
          in -> {
            Tensor mask = constant(in.getFirst(), uniform(0, 1, pair[0]));
            mask = Masks.greater(mask, Tensor.full(mask.device(), Shape.of(), 0.5));
            return List.of(Masks.where(mask, in.get(0), in.get(1)), Masks.keep(in.get(0), mask));
          },
          a,
          b);
    }
  }

  /** Values that are not differentiated. */
  private static Tensor constant(Tensor beside, OpCase.Values values) {
    return Tensor.of(beside.device(), values.shape(), values.values());
  }

  private static void layouts(List<OpCase> cases) {
    OpCase.Values x = uniform(-2, 2, 3, 1, 5);
    add(
        cases,
        "squeeze and unsqueeze",
        1,
        in -> List.of(in.getFirst().squeeze(1), in.getFirst().unsqueeze(-1)),
        x);
    add(cases, "expand", 14, in -> List.of(in.getFirst().expand(Shape.of(2, 3, 7, 5))), x);
    add(cases, "transpose", 1, in -> List.of(in.getFirst().transpose(0, -1)), x);
    for (int axis = 0; axis < 3; axis++) {
      int along = axis;
      add(
          cases,
          "stack axis " + axis,
          2,
          in -> List.of(Tensor.stack(along, in.get(0), in.get(1), in.get(0))),
          uniform(-2, 2, 3, 4),
          uniform(-1, 1, 3, 4));
    }
    add(
        cases,
        "matmul of four axes",
        9,
        in -> List.of(in.get(0).matmul(in.get(1))),
        uniform(-1, 1, 2, 3, 7, 9),
        uniform(-1, 1, 2, 3, 9, 8));
  }

  private static void alongAnAxis(List<OpCase> cases) {
    for (int size : SIZES) {
      OpCase.Values x = uniform(-3, 3, 2, size, 3);
      for (int axis = 0; axis < 3; axis++) {
        int along = axis;
        String of = " axis " + axis + " of [2, " + size + ", 3]";
        add(
            cases,
            "max and min" + of,
            size,
            in -> List.of(in.getFirst().max(along), in.getFirst().min(along)),
            x);
        add(cases, "softmax" + of, size, in -> List.of(Softmax.softmax(in.get(0), along)), x);
        add(cases, "logSoftmax" + of, size, in -> List.of(Softmax.logSoftmax(in.get(0), along)), x);
        add(cases, "logSumExp" + of, size, in -> List.of(Softmax.logSumExp(in.get(0), along)), x);
        int[] places = {2, size, 3};
        int bound = places[axis];
        places[axis] = 4;
        OpCase.Indices ids = indices(bound, places);
        add(
            cases,
            "gather" + of,
            4,
            in -> List.of(Gather.gather(in.get(0), along, in.get(1))),
            x,
            ids);
        add(
            cases,
            "scatterAdd" + of,
            5,
            in -> List.of(Gather.scatterAdd(in.get(0), along, in.get(1), in.get(2))),
            x,
            ids,
            uniform(-1, 1, places));
        add(
            cases,
            "indexSelect" + of,
            4,
            in -> List.of(Gather.indexSelect(in.get(0), along, in.get(1))),
            x,
            indices(bound, 4));
      }
    }
  }

  private static void losses(List<OpCase> cases) {
    for (int size : SIZES) {
      add(
          cases,
          "meanSquaredError of " + size,
          3 * size,
          in -> List.of(Losses.meanSquaredError(in.get(0), in.get(1))),
          uniform(-2, 2, 3, size),
          uniform(-2, 1.5, 3, size));
      add(
          cases,
          "binaryCrossEntropy of " + size,
          3 * size,
          in -> List.of(Losses.binaryCrossEntropy(in.get(0), in.get(1))),
          uniform(-5, 5, 3, size),
          uniform(0, 1, 3, size));
      if (size == 1) {
        continue; // Its only class is the one ignored below.
      }
      add(
          cases,
          "crossEntropy of " + size + " classes, smoothed, weighed, one row ignored",
          7 * size,
          in -> {
            var options = CrossEntropyOptions.DEFAULTS.ignoring(0).smoothing(0.1);
            Tensor weights = constant(in.getFirst(), uniform(0.5, 1.5, size));
            return List.of(
                options.crossEntropy(in.get(0), in.get(1)),
                CrossEntropyOptions.DEFAULTS.weighing(weights).crossEntropy(in.get(0), in.get(1)));
          },
          uniform(-5, 5, 7, size),
          new OpCase.Indices(Shape.of(7), 0, size - 1, size / 2, 0, size - 1, size / 3, size - 1));
    }
  }
}
