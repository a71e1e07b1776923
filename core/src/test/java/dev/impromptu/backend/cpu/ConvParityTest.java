package dev.impromptu.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConvParityTest {
  static Stream<ConvShape> shapes() {
    var shapes = new ArrayList<ConvShape>();
    int[] channels = {1, 7, 8, 9, 33, 70, 64};
    int[] dilations = {1, 2, 4, 8};
    for (int kernel : new int[] {1, 2, 3}) {
      for (int batch : new int[] {1, 7, 9}) {
        for (int time : new int[] {1, 2, 32, 33, 150}) {
          // Channels and dilations take turns, so each meets each size somewhere.
          int turn = shapes.size();
          shapes.add(
              new ConvShape(
                  batch,
                  time,
                  channels[turn % 7],
                  2 * channels[turn * 5 % 11 % 7],
                  kernel,
                  dilations[turn % 4]));
        }
      }
    }
    return shapes.stream();
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void agreesWithTheReference(ConvShape shape) {
    double tolerance = 2e-6 * Math.sqrt(shape.batch() * shape.time() + 100.0 * shape.kernel());
    for (boolean bias : new boolean[] {true, false}) {
      var problem = new Problem(shape, bias);
      Backends.agree(shape.toString(), tolerance, problem.in(), problem.out(), problem::run);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void givesTheSameBitsForAnyNumberOfThreadsAndEitherKindOfKernel(ConvShape shape) {
    var problem = new Problem(shape, true);
    for (var library : List.of("none", "")) {
      try (var one = Backends.backend(1, true, library);
          var four = Backends.backend(4, true, library);
          var twin = Backends.backend(3, false, library)) {
        var expected = Backends.run(one, problem.in(), problem.out(), problem::run);
        assertArrayEquals(expected, Backends.run(four, problem.in(), problem.out(), problem::run));
        assertArrayEquals(expected, Backends.run(twin, problem.in(), problem.out(), problem::run));
      }
    }
  }

  /** All operations on one set of arrays. */
  private record Problem(ConvShape shape, boolean bias) {
    int rows() {
      return shape.batch() * shape.time();
    }

    int weight() {
      return shape.outChannels() * shape.inChannels() * shape.kernel();
    }

    int ring() {
      return shape.batch() * Math.max(1, shape.history()) * shape.inChannels();
    }

    Object[] in() {
      int in = shape.inChannels();
      int out = shape.outChannels();
      var weight = Backends.random(weight(), 2);
      float size = (float) (1 / Math.sqrt(in * shape.kernel()));
      for (int i = 0; i < weight.length; i++) {
        weight[i] *= size;
      }
      return new Object[] {
        Backends.random(rows() * in, 1),
        weight,
        Backends.random(out, 3),
        Backends.random(rows() * out, 4),
        Backends.random(rows() * out / 2, 5),
        Backends.random(shape.batch() * in, 6),
        Backends.random(ring(), 7)
      };
    }

    int[] out() {
      int in = shape.inChannels();
      int out = shape.outChannels();
      return new int[] {
        rows() * out,
        rows() * in,
        weight(),
        out,
        rows() * out,
        rows() * out / 2,
        rows() * out,
        shape.batch() * out,
        shape.batch() * out,
        ring(),
        rows() * out,
        rows() * in
      };
    }

    void run(Backend b, Storage[] in, Storage[] out) {
      var x = in[0];
      var weight = in[1];
      var first = bias ? in[2] : null;
      b.causalConv1d(shape, x, weight, first, null, out[0]);
      b.causalConv1dBackwardInput(shape, in[3], weight, null, out[1]);
      b.causalConv1d(shape, x, weight, first, in[3], out[10]);
      b.causalConv1dBackwardInput(shape, in[3], weight, x, out[11]);
      b.causalConv1dBackwardWeight(shape, x, in[3], out[2], bias ? out[3] : null);
      b.gatedConv1d(shape, x, weight, first, out[4], out[5]);
      b.gatedConv1dBackward(shape, out[4], in[4], out[6]);
      var ring = out[9];
      var values = new float[ring.length()];
      b.read(in[6], values);
      b.write(values, ring);
      var one =
          new ConvShape(
              shape.batch(),
              1,
              shape.inChannels(),
              shape.outChannels(),
              shape.kernel(),
              shape.dilation());
      b.causalConv1dStep(one, in[5], weight, first, ring, 41, out[7]);
      b.causalConv1dStep(one, in[5], weight, first, ring, 42, out[8]);
    }
  }
}
