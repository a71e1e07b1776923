package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.reference.ReferenceBackend;
import dev.impromptu.cuda.driver.LaunchShape;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.WithDriverDouble;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.testkit.Tolerance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The convolution's kernels, compared with the reference on sizes that cut tiles in every way. */
@Tag("conv")
@WithDriverDouble
class ConvKernelsTest {
  private static final Backend REFERENCE = new ReferenceBackend();

  private CudaRuntime runtime;
  private ConvKernels kernels;
  private final List<CudaStorage> lent = new ArrayList<>();

  @BeforeEach
  void open() {
    runtime = new CudaRuntime(TestDriver.open(), Precision.FP32);
    kernels = new ConvKernels(runtime);
  }

  @AfterEach
  void close() {
    if (runtime != null) {
      try {
        lent.forEach(CudaStorage::close);
        assertEquals(0, runtime.pool().bytesInUse());
      } finally {
        runtime.close();
      }
    }
  }

  /** Even numbers of output channels, because each is gated too. */
  static Stream<ConvShape> shapes() {
    return Stream.of(
        new ConvShape(1, 1, 1, 2, 1, 1),
        new ConvShape(1, 1, 7, 16, 2, 1),
        new ConvShape(9, 2, 8, 14, 1, 1),
        new ConvShape(1, 2, 1, 18, 3, 1),
        new ConvShape(2, 32, 9, 2, 2, 1),
        new ConvShape(2, 70, 3, 4, 2, 1),
        new ConvShape(2, 3, 67, 4, 1, 1),
        new ConvShape(7, 2, 33, 16, 2, 2),
        new ConvShape(1, 33, 7, 66, 2, 8),
        new ConvShape(3, 9, 8, 18, 3, 4),
        new ConvShape(2, 7, 9, 14, 2, 8),
        new ConvShape(3, 40, 70, 134, 2, 8),
        new ConvShape(1, 9, 2, 70, 4, 2),
        new ConvShape(8, 32, 32, 64, 2, 4),
        // Tall tiles, forwards then backwards; several pieces of unequal length; a step of many
        // blocks.
        new ConvShape(2, 100, 4, 2054, 2, 4),
        new ConvShape(2, 100, 2053, 4, 2, 4),
        // A step of two blocks, with a ring and without one.
        new ConvShape(2, 3, 1100, 16, 2, 1),
        new ConvShape(2, 3, 1100, 16, 1, 1));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void everyKernelAgreesWithTheReference(ConvShape shape) {
    for (boolean bias : new boolean[] {true, false}) {
      requireReference(new Problem(shape, bias));
    }
  }

  private void requireReference(Problem problem) {
    double[][] expected = problem.onReference();
    float[][] met = problem.onKernels();
    for (int i = 0; i < expected.length; i++) {
      Tolerance.requireClose(
          problem.shape + ", bias " + problem.bias + ", " + Problem.NAMES[i],
          doubles(met[i]),
          expected[i],
          Tolerance.float32(problem.terms()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theOldestInputIsReadByAllWarpsBeforeItIsReplaced(long schedule) {
    TestDriver.schedule(runtime.context(), schedule);
    try {
      // So few output channels that one block steps a stream.
      requireReference(new Problem(new ConvShape(2, 1, 40, 8, 2, 1), true));
    } finally {
      TestDriver.schedule(runtime.context(), 0);
    }
  }

  @Test
  void fewBlocksStrideOverTheRest() {
    for (String kernel : List.of("conv_gate_backward", "conv_weight_sum", "conv_remember")) {
      // Each has more than this one block for so many rows and channels.
      TestDriver.limitGrid(kernel, 1, 1);
    }
    TestDriver.limitGrid("conv_step", Integer.MAX_VALUE, 1);
    requireReference(new Problem(new ConvShape(5, 9, 70, 134, 2, 8), true));
    requireReference(new Problem(new ConvShape(3, 2, 9, 18, 3, 4), true));
  }

  @Test
  void twoRunsGiveTheSameBits() {
    var problem = new Problem(new ConvShape(3, 40, 70, 134, 2, 8), true);
    float[][] first = problem.onKernels();
    float[][] second = problem.onKernels();
    for (int i = 0; i < first.length; i++) {
      assertArrayEquals(first[i], second[i], Problem.NAMES[i]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aStreamGoesOnRoundItsRing(int taps) {
    var shape = new ConvShape(5, 1, 33, 9, taps, 3);
    int rows = 20;
    var whole = new ConvShape(5, rows, 33, 9, taps, 3);
    float[] x = random(5 * rows * 33, 1, 1);
    float[] weight = random(9 * 33 * taps, 0.2, 2);
    double[] expected = new double[5 * rows * 9];
    Storage y = REFERENCE.allocate(DType.FLOAT32, expected.length);
    REFERENCE.causalConv1d(whole, onReference(x), onReference(weight), null, null, y);
    REFERENCE.read(y, expected);

    CudaStorage ring = onDevice(new float[5 * Math.max(1, shape.history()) * 33]);
    CudaStorage factors = onDevice(weight);
    for (int step = 0; step < rows; step++) {
      float[] now = new float[5 * 33];
      double[] wanted = new double[5 * 9];
      for (int b = 0; b < 5; b++) {
        System.arraycopy(x, (b * rows + step) * 33, now, b * 33, 33);
        System.arraycopy(expected, (b * rows + step) * 9, wanted, b * 9, 9);
      }
      CudaStorage out = onDevice(new float[5 * 9]);
      kernels.step(shape, onDevice(now), factors, null, ring, step, out);
      Tolerance.requireClose(
          "step " + step, doubles(read(out)), wanted, Tolerance.float32(33 * taps));
    }
  }

  @Test
  void howTheRowsAreCutFollowsFromTheShape() {
    assertEquals(64, ConvKernels.piece(256, 2));
    assertEquals(64, ConvKernels.piece(8192, 2));
    assertEquals(67, ConvKernels.piece(200, 66));
    assertEquals(200, ConvKernels.piece(200, 1000));
    assertEquals(1, ConvKernels.piece(1, 1));
    assertEquals(
        new LaunchShape(1, 65_535, 256, 0),
        ConvKernels.stepGrid(new ConvShape(70_000, 1, 33, 9, 2, 3)));
    assertEquals(
        new LaunchShape(17, 5, 256, 0), ConvKernels.stepGrid(new ConvShape(5, 1, 70, 134, 2, 8)));
  }

  private static float[] random(int length, double bound, long stream) {
    var random = new PhiloxRandom(17, stream);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
    return values;
  }

  private static double[] doubles(float[] values) {
    double[] result = new double[values.length];
    Arrays.setAll(result, i -> values[i]);
    return result;
  }

  private static Storage onReference(float[] values) {
    Storage storage = REFERENCE.allocate(DType.FLOAT32, values.length);
    REFERENCE.write(values, storage);
    return storage;
  }

  private CudaStorage onDevice(float[] values) {
    CudaStorage storage = unwritten(values.length);
    storage.span().memory().upload(values);
    return storage;
  }

  private CudaStorage unwritten(int length) {
    CudaStorage storage = runtime.allocate(DType.FLOAT32, length);
    lent.add(storage);
    return storage;
  }

  private float[] read(CudaStorage storage) {
    float[] values = new float[storage.length()];
    runtime.context().synchronize();
    storage.span().memory().download(values);
    return values;
  }

  /** All operations on one set of arrays; the ring stands in the middle of a stream. */
  private final class Problem {
    static final String[] NAMES = {
      "y",
      "dx",
      "dWeight",
      "dBias",
      "gates",
      "gated y",
      "dPre",
      "step y",
      "y added",
      "dx added",
      "ring"
    };

    private final ConvShape shape;
    private final boolean bias;
    private final float[][] in;
    private final int[] out;

    Problem(ConvShape shape, boolean bias) {
      this.shape = shape;
      this.bias = bias;
      int rows = shape.batch() * shape.time();
      int ins = shape.inChannels();
      int outs = shape.outChannels();
      int weights = outs * ins * shape.kernel();
      int ring = shape.batch() * Math.max(1, shape.history()) * ins;
      in =
          new float[][] {
            random(rows * ins, 1, 1),
            random(weights, 1 / Math.sqrt(ins * shape.kernel()), 2),
            random(outs, 0.5, 3),
            random(rows * outs, 1, 4),
            random(rows * outs / 2, 1, 5),
            random(shape.batch() * ins, 1, 6),
            random(ring, 1, 7)
          };
      out =
          new int[] {
            rows * outs,
            rows * ins,
            weights,
            bias ? outs : 0,
            rows * outs,
            rows * outs / 2,
            rows * outs,
            shape.batch() * outs,
            rows * outs,
            rows * ins
          };
    }

    int terms() {
      return Math.max(
          Math.max(shape.inChannels(), shape.outChannels()) * shape.kernel(),
          shape.batch() * shape.time());
    }

    private ConvShape step() {
      return new ConvShape(
          shape.batch(),
          1,
          shape.inChannels(),
          shape.outChannels(),
          shape.kernel(),
          shape.dilation());
    }

    double[][] onReference() {
      Storage[] from = Stream.of(in).map(ConvKernelsTest::onReference).toArray(Storage[]::new);
      Storage[] to = new Storage[out.length];
      for (int i = 0; i < to.length; i++) {
        to[i] = REFERENCE.allocate(DType.FLOAT32, out[i]);
      }
      Storage first = bias ? from[2] : null;
      REFERENCE.causalConv1d(shape, from[0], from[1], first, null, to[0]);
      REFERENCE.causalConv1dBackwardInput(shape, from[3], from[1], null, to[1]);
      REFERENCE.causalConv1d(shape, from[0], from[1], first, from[3], to[8]);
      REFERENCE.causalConv1dBackwardInput(shape, from[3], from[1], from[0], to[9]);
      REFERENCE.causalConv1dBackwardWeight(shape, from[0], from[3], to[2], bias ? to[3] : null);
      REFERENCE.gatedConv1d(shape, from[0], from[1], first, to[4], to[5]);
      REFERENCE.gatedConv1dBackward(shape, to[4], from[4], to[6]);
      REFERENCE.causalConv1dStep(step(), from[5], from[1], first, from[6], 41, to[7]);
      double[][] results = new double[NAMES.length][];
      for (int i = 0; i < NAMES.length; i++) {
        Storage result = i < to.length ? to[i] : from[6];
        results[i] = new double[result.length()];
        REFERENCE.read(result, results[i]);
      }
      return results;
    }

    float[][] onKernels() {
      CudaStorage[] from =
          Stream.of(in).map(ConvKernelsTest.this::onDevice).toArray(CudaStorage[]::new);
      CudaStorage[] to = new CudaStorage[out.length];
      for (int i = 0; i < to.length; i++) {
        to[i] = unwritten(out[i]);
      }
      Storage first = bias ? from[2] : null;
      kernels.forward(shape, from[0], from[1], first, null, to[0]);
      kernels.backwardInput(shape, from[3], from[1], null, to[1]);
      kernels.forward(shape, from[0], from[1], first, from[3], to[8]);
      kernels.backwardInput(shape, from[3], from[1], from[0], to[9]);
      kernels.backwardWeight(shape, from[0], from[3], to[2], bias ? to[3] : null);
      kernels.gated(shape, from[0], from[1], first, to[4], to[5]);
      kernels.gatedBackward(shape, to[4], from[4], to[6]);
      kernels.step(step(), from[5], from[1], first, from[6], 41, to[7]);
      float[][] results = new float[NAMES.length][];
      for (int i = 0; i < NAMES.length; i++) {
        results[i] = read(i < to.length ? to[i] : from[6]);
      }
      return results;
    }
  }
}
