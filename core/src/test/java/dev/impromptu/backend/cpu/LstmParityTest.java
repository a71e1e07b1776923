package dev.impromptu.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LstmParityTest {
  static Stream<LstmShape> shapes() {
    var shapes = new ArrayList<LstmShape>();
    int[] batches = {1, 7, 8, 9, 33};
    int[] hidden = {1, 7, 8, 33};
    int[] steps = {1, 2, 32};
    for (int batch : batches) {
      for (int h : hidden) {
        for (int t : steps) {
          // Heights and input widths take turns, so each meets each size somewhere.
          int turn = shapes.size();
          shapes.add(new LstmShape(batch, t, 1 + turn * 5 % 17, h, 1 + turn % 3));
        }
      }
    }
    // More gates than one task sums the weights' gradients of, and no multiple of them.
    shapes.add(new LstmShape(9, 3, 5, 40, 2));
    shapes.add(new LstmShape(8, 3, 9, 136, 1));
    // Whole panels for every kernel: up to 32 rows the backward pass reads weights where they lie.
    shapes.add(new LstmShape(8, 4, 64, 64, 2));
    shapes.add(new LstmShape(11, 3, 64, 64, 2));
    // The last that are few rows for the forward pass, and the first that are not.
    shapes.add(new LstmShape(8, 2, 64, 128, 2));
    shapes.add(new LstmShape(17, 1, 128, 64, 2));
    return shapes.stream();
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void agreesWithTheReference(LstmShape shape) {
    for (boolean all : new boolean[] {true, false}) {
      var problem = new Problem(shape, all);
      Backends.agree(shape + " all " + all, 2e-5, problem.in(), problem.out(), problem::run);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void givesTheSameBitsForAnyNumberOfThreadsAndEitherKindOfKernel(LstmShape shape) {
    var problem = new Problem(shape, true);
    try (var one = Backends.backend(1, true, "none");
        var four = Backends.backend(4, true, "none");
        var twin = Backends.backend(3, false, "none")) {
      var expected = Backends.run(one, problem.in(), problem.out(), problem::run);
      assertArrayEquals(expected, Backends.run(four, problem.in(), problem.out(), problem::run));
      assertArrayEquals(expected, Backends.run(twin, problem.in(), problem.out(), problem::run));
    }
    try (var one = Backends.backend(1, true, "");
        var four = Backends.backend(4, true, "")) {
      var expected = Backends.run(one, problem.in(), problem.out(), problem::run);
      assertArrayEquals(expected, Backends.run(four, problem.in(), problem.out(), problem::run));
    }
  }

  /**
   * As at the start of a program, when the vector kernels come into use in the middle of a step.
   */
  @Test
  void kernelsMayBeExchangedMeanwhile() {
    var problem = new Problem(new LstmShape(9, 3, 40, 40, 2), true);
    var options = new CpuOptions(1, false, "none");
    try (var twin = Backends.backend(1, false, "none");
        var alternating = new CpuBackend(options, AlternatingProduct.kernels())) {
      assertArrayEquals(
          Backends.run(twin, problem.in(), problem.out(), problem::run),
          Backends.run(alternating, problem.in(), problem.out(), problem::run));
    }
  }

  /** Forward and backward with everything optional, or with nothing of it. */
  private record Problem(LstmShape shape, boolean all) {
    int state() {
      return shape.layers() * shape.batch() * shape.hiddenSize();
    }

    int y() {
      return shape.batch() * shape.time() * shape.hiddenSize();
    }

    int x() {
      return shape.batch() * shape.time() * shape.inputSize();
    }

    List<Integer> weightSizes() {
      var sizes = new ArrayList<Integer>();
      int h = shape.hiddenSize();
      for (int layer = 0; layer < shape.layers(); layer++) {
        sizes.addAll(List.of(4 * h * shape.inputSize(layer), 4 * h * h, 4 * h, 4 * h));
      }
      return sizes;
    }

    Object[] in() {
      var sizes = new ArrayList<>(List.of(x(), state(), state(), y(), state(), state()));
      sizes.addAll(weightSizes());
      var in = sizes.stream().map(n -> Backends.random(n, n * 31L + 7)).toArray();
      // Weights of PyTorch's size: with greater ones the recurrence magnifies every rounding.
      float size = (float) (1 / Math.sqrt(shape.hiddenSize()));
      for (int i = 6; i < in.length; i++) {
        var weight = (float[]) in[i];
        for (int j = 0; j < weight.length; j++) {
          weight[j] *= size;
        }
      }
      return in;
    }

    int[] out() {
      var sizes = new ArrayList<>(List.of(y(), state(), state(), x(), state(), state()));
      sizes.addAll(weightSizes());
      return sizes.stream().mapToInt(n -> n).toArray();
    }

    void run(Backend backend, Storage[] in, Storage[] out) {
      var reserve = backend.allocate(DType.FLOAT32, backend.lstmReserve(shape));
      backend.fill(reserve, Double.NaN);
      var initial = all ? new LstmState(in[1], in[2]) : null;
      var dLast = all ? new LstmState(in[4], in[5]) : null;
      var dInitial = all ? new LstmState(out[4], out[5]) : null;
      var last = new LstmState(out[1], out[2]);
      backend.lstmForward(shape, in[0], weights(in), initial, out[0], last, reserve);
      backend.lstmBackward(
          shape,
          in[0],
          weights(in),
          initial,
          reserve,
          in[3],
          dLast,
          all ? out[3] : null,
          dInitial,
          weights(out));
    }

    private List<LstmWeights> weights(Storage[] from) {
      var weights = new ArrayList<LstmWeights>();
      for (int layer = 0; layer < shape.layers(); layer++) {
        int i = 6 + 4 * layer;
        weights.add(new LstmWeights(from[i], from[i + 1], from[i + 2], from[i + 3]));
      }
      return weights;
    }
  }
}
