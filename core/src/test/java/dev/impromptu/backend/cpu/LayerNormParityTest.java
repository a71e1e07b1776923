package dev.impromptu.backend.cpu;

import static dev.impromptu.backend.cpu.Backends.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.Storage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerNormParityTest {
  /** Rows and width: around vectors, tasks of several rows, and rows longer than a task. */
  static Stream<Problem> problems() {
    int[][] sizes = {
      {1, 1},
      {9, 1},
      {7, 2},
      {33, 7},
      {8, 8},
      {9, 9},
      {3, 15},
      {5, 16},
      {4, 17},
      {7, 33},
      {70, 100},
      {600, 65},
      {2100, 24},
      {3000, 3},
      {70_000, 1},
      {13, 2048},
      {9, 16_384},
      {3, 40_003}
    };
    return Arrays.stream(sizes).map(size -> new Problem(size[0], size[1], 0, 1));
  }

  /** Rows whose mean is large beside what they vary by; the least that 32 bits tell apart. */
  static Stream<Problem> farFromZero() {
    return Stream.of(
        new Problem(5, 33, 1e4f, 1),
        new Problem(3, 256, -1e4f, 0.01f),
        new Problem(2, 1000, 1e6f, 1),
        new Problem(2, 40_003, 1e4f, 1));
  }

  @ParameterizedTest
  @MethodSource({"problems", "farFromZero"})
  void agreesWithTheReference(Problem problem) {
    double tolerance = 2e-6 * Math.sqrt(problem.rows + problem.width);
    Backends.agree(problem.toString(), tolerance, problem.in(), problem.out(), problem::run);
  }

  @ParameterizedTest
  @MethodSource({"problems", "farFromZero"})
  void givesTheSameBitsForAnyNumberOfThreadsAndEitherKindOfKernel(Problem problem) {
    try (var one = Backends.backend(1, true, "none");
        var four = Backends.backend(4, true, "none");
        var twin = Backends.backend(3, false, "none")) {
      var expected = Backends.run(one, problem.in(), problem.out(), problem::run);
      assertArrayEquals(expected, Backends.run(four, problem.in(), problem.out(), problem::run));
      assertArrayEquals(expected, Backends.run(twin, problem.in(), problem.out(), problem::run));
    }
  }

  @Test
  void equalElementsBecomeTheBias() {
    for (float value : new float[] {0, 0.1f, -1e4f, 3e30f}) {
      var x = new float[3 * 7];
      Arrays.fill(x, value);
      for (var backend : Backends.ALL) {
        var bias = random(7, 2);
        var y =
            Backends.run(
                backend,
                new Object[] {x, random(7, 1), bias},
                new int[] {21, 9},
                (b, in, out) -> b.layerNorm(1e-5, in[0], in[1], in[2], out[0], out[1]));
        for (int i = 0; i < 21; i++) {
          assertArrayEquals(new double[] {bias[i % 7]}, new double[] {y[0][i]}, 1e-6, "" + value);
        }
      }
    }
  }

  @Test
  void withoutRowsTheGradientsOfTheParametersAreZero() {
    Backends.agree(
        "no rows",
        0,
        new Object[] {new float[0], random(33, 1)},
        new int[] {33, 33},
        (b, in, out) -> {
          b.layerNorm(1e-5, in[0], in[1], in[1], in[0], in[0]);
          b.layerNormBackward(in[0], in[1], in[0], in[0], null, out[0], out[1]);
        });
  }

  @Test
  void theParametersHaveTheSameGradientsWhereTheInputNeedsNone() {
    var problem = new Problem(40, 33, 0, 1);
    int[] parameters = {33, 33};
    for (var backend : Backends.ALL) {
      var all = Backends.run(backend, problem.in(), problem.out(), problem::run);
      var some =
          Backends.run(
              backend,
              problem.in(),
              parameters,
              (b, in, out) -> {
                var moments = b.allocate(in[0].type(), 3 * problem.rows);
                var y = b.allocate(in[0].type(), in[0].length());
                b.layerNorm(Problem.EPSILON, in[0], in[1], in[2], y, moments);
                b.layerNormBackward(in[0], in[1], moments, in[3], null, out[0], out[1]);
              });
      assertArrayEquals(List.of(all[3], all[4]).toArray(), some);
    }
  }

  private record Problem(int rows, int width, float center, float spread) {
    private static final double EPSILON = 1e-5;

    Object[] in() {
      var x = random(rows * width, 1);
      for (int i = 0; i < x.length; i++) {
        x[i] = center + spread * x[i];
      }
      return new Object[] {x, random(width, 2), random(width, 3), random(rows * width, 4)};
    }

    int[] out() {
      return new int[] {rows * width, 3 * rows, rows * width, width, width};
    }

    void run(Backend b, Storage[] in, Storage[] out) {
      b.layerNorm(EPSILON, in[0], in[1], in[2], out[0], out[1]);
      b.layerNormBackward(in[0], in[1], out[1], in[3], out[2], out[3], out[4]);
      // In two numbers, of which only the sum is defined.
      var means = new float[3 * rows];
      b.read(out[1], means);
      for (int row = 0; row < rows; row++) {
        means[3 * row] += means[3 * row + 1];
        means[3 * row + 1] = 0;
      }
      b.write(means, out[1]);
    }
  }
}
