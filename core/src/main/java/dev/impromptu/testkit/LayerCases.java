package dev.impromptu.testkit;

import static dev.impromptu.testkit.OpCase.uniform;

import dev.impromptu.functional.Conv1d;
import dev.impromptu.functional.Gru;
import dev.impromptu.functional.Lstm;
import dev.impromptu.functional.PackedLstm;
import dev.impromptu.functional.WeightNorm;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sample inputs of the layers that are made of other operations. */
final class LayerCases {
  private LayerCases() {}

  static void differentiable(List<OpCase> cases) {
    gru(cases);
    packedLstm(cases);
    convolutions(cases);
  }

  private static void add(
      List<OpCase> cases, String name, int terms, OpCase.Function function, OpCase.Input... in) {
    cases.add(new OpCase(name, List.of(in), function, terms));
  }

  private static void gru(List<OpCase> cases) {
    // Batch, time, input, hidden, layers.
    for (int[] size : new int[][] {{1, 1, 1, 1, 1}, {7, 2, 3, 9, 1}, {2, 5, 8, 7, 2}}) {
      List<OpCase.Input> inputs = weights(3, size);
      inputs.addFirst(uniform(-1, 1, size[0], size[1], size[2]));
      inputs.add(uniform(-0.9, 0.9, size[4], size[0], size[3]));
      add(
          cases,
          "gru batch %d, time %d, input %d, hidden %d, layers %d"
              .formatted(size[0], size[1], size[2], size[3], size[4]),
          size[1] * (size[2] + size[3]),
          in -> {
            List<Gru.Weights> weights = new ArrayList<>();
            for (int i = 1; i < 1 + 4 * size[4]; i += 4) {
              weights.add(new Gru.Weights(in.get(i), in.get(i + 1), in.get(i + 2), in.get(i + 3)));
            }
            Gru.Output output = Gru.gru(in.getFirst(), weights, in.getLast());
            return List.of(output.y(), output.hidden());
          },
          inputs.toArray(OpCase.Input[]::new));
    }
  }

  private static void packedLstm(List<OpCase> cases) {
    int[] size = {4, 5, 3, 7, 2};
    for (int[] lengths : new int[][] {{5, 5, 5, 5}, {3, 3, 3, 3}, {2, 5, 1, 2}, {1, 1, 3, 4}}) {
      List<OpCase.Input> inputs = weights(4, size);
      inputs.addFirst(uniform(-1, 1, size[0], size[1], size[2]));
      inputs.add(uniform(-0.9, 0.9, size[4], size[0], size[3]));
      inputs.add(uniform(-1.5, 1.5, size[4], size[0], size[3]));
      add(
          cases,
          "lstm of lengths " + Arrays.toString(lengths),
          size[1] * (size[2] + size[3]),
          in -> {
            List<Lstm.Weights> weights = new ArrayList<>();
            for (int i = 1; i < 1 + 4 * size[4]; i += 4) {
              weights.add(new Lstm.Weights(in.get(i), in.get(i + 1), in.get(i + 2), in.get(i + 3)));
            }
            var initial = new Lstm.State(in.get(in.size() - 2), in.getLast());
            Lstm.Output output = PackedLstm.lstm(in.getFirst(), lengths, weights, initial);
            Tensor reversed = PackedLstm.reversed(output.y(), lengths);
            return List.of(output.y(), output.state().hidden(), output.state().cell(), reversed);
          },
          inputs.toArray(OpCase.Input[]::new));
    }
  }

  /** The weights of every layer, of that many gates. */
  private static List<OpCase.Input> weights(int gates, int[] size) {
    int hidden = size[3];
    List<OpCase.Input> inputs = new ArrayList<>();
    for (int layer = 0; layer < size[4]; layer++) {
      double bound = 0.6 + 0.1 * layer;
      inputs.add(uniform(-bound, bound, gates * hidden, layer == 0 ? size[2] : hidden));
      inputs.add(uniform(-bound, bound - 0.05, gates * hidden, hidden));
      inputs.add(uniform(-bound, bound, gates * hidden));
      inputs.add(uniform(-0.3, bound, gates * hidden));
    }
    return inputs;
  }

  private static void convolutions(List<OpCase> cases) {
    // Time, in, out, kernel, stride, padding, dilation.
    int[][] sizes = {
      {1, 1, 1, 1, 1, 0, 1}, {9, 3, 7, 3, 1, 1, 1}, {33, 2, 3, 5, 2, 0, 2}, {8, 7, 2, 2, 3, 4, 3}
    };
    for (int[] size : sizes) {
      add(
          cases,
          "conv1d time %d, %d to %d, kernel %d, stride %d, padding %d, dilation %d"
              .formatted(size[0], size[1], size[2], size[3], size[4], size[5], size[6]),
          66,
          in -> List.of(Conv1d.conv1d(in.get(0), in.get(1), in.get(2), size[4], size[5], size[6])),
          uniform(-1, 1, 2, size[0], size[1]),
          uniform(-1, 1, size[2], size[1], size[3]),
          uniform(-0.5, 0.5, size[2]));
    }
    for (int size : new int[] {1, 7, 8, 33}) {
      add(
          cases,
          "weightNorm [3, " + size + ", 2]",
          2 * size,
          in -> List.of(WeightNorm.weightNorm(in.get(0), in.get(1))),
          uniform(-1, 1.25, 3, size, 2),
          uniform(0.5, 2, 3, 1, 1));
    }
  }
}
