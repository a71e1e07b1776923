package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.reference.ReferenceBackend;
import dev.impromptu.cuda.driverdouble.DriverDouble;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CudnnLstmTest {
  private final Random random = new Random(5);
  private final ReferenceBackend reference = new ReferenceBackend();
  private DriverContext context;
  private Cudnn cudnn;

  @BeforeEach
  void open() {
    context = TestDriver.open();
    TestLibraries.assume(CudaLibrary.CUDNN);
    cudnn = new Cudnn(context);
  }

  @AfterEach
  void close() {
    if (cudnn != null) {
      cudnn.close();
    }
    if (context != null) {
      context.close();
    }
  }

  static List<LstmShape> shapes() {
    return List.of(
        new LstmShape(1, 1, 1, 1, 1),
        new LstmShape(2, 3, 5, 3, 1),
        new LstmShape(9, 4, 8, 7, 2),
        new LstmShape(1, 32, 9, 33, 1),
        new LstmShape(7, 2, 3, 8, 3));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void itComputesWhatTheReferenceDoes(LstmShape shape) {
    compare(shape, Precision.FP32, CudnnLstmAlgorithm.STANDARD, true);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void withoutAStateItStartsFromZeros(LstmShape shape) {
    compare(shape, Precision.FP32, CudnnLstmAlgorithm.STANDARD, false);
  }

  @ParameterizedTest
  @EnumSource(value = Precision.class, names = "FP32", mode = EnumSource.Mode.EXCLUDE)
  void coarserPrecisionsStayNear(Precision precision) {
    compare(new LstmShape(8, 8, 16, 32, 2), precision, CudnnLstmAlgorithm.STANDARD, true);
  }

  @ParameterizedTest
  @EnumSource(CudnnLstmAlgorithm.class)
  void everyAlgorithmThatTakesTheShapeAgrees(CudnnLstmAlgorithm algorithm) {
    var shape = new LstmShape(8, 4, 32, 32, 1);
    try {
      new CudnnLstm(cudnn, shape, Precision.FP32, algorithm).close();
    } catch (CudaException refused) {
      // A chip may have no such kernel; it then says so, and the double takes all.
      assertTrue(refused.getMessage().contains("NOT_SUPPORTED"), refused.getMessage());
      assertFalse(TestDriver.isDouble(context), refused.getMessage());
      return;
    }
    compare(shape, Precision.FP32, algorithm, true);
  }

  @Test
  void weightsComeBackAsTheyWentIn() {
    var shape = new LstmShape(2, 2, 5, 3, 2);
    try (var lstm = new CudnnLstm(cudnn, shape, Precision.FP32, CudnnLstmAlgorithm.STANDARD)) {
      Weights weights = Weights.draw(shape, random);
      DeviceSpan packed = bytes(lstm.weightBytes());
      List<CudnnLstm.Layer> back = empty(shape);

      lstm.pack(upload(weights), packed);
      lstm.unpack(packed, back);

      for (int layer = 0; layer < shape.layers(); layer++) {
        List<DeviceSpan> parts = parts(back.get(layer));
        for (int part = 0; part < parts.size(); part++) {
          assertArrayEquals(
              weights.layers.get(layer)[part], TestLibraries.host(context, parts.get(part)));
        }
      }
    }
  }

  @Test
  void inferenceNeedsNoReserve() {
    var shape = new LstmShape(2, 3, 5, 4, 2);
    Weights weights = Weights.draw(shape, random);
    float[] x = TestLibraries.random(random, 2 * 3 * 5);

    Reference expected = new Reference(shape, x, weights, null);
    near("y", expected.y, infer(shape, weights, x, Precision.FP32), 1e-5);
  }

  @Test
  void itCanBePartOfAGraph() {
    var shape = new LstmShape(2, 3, 5, 4, 2);
    Weights weights = Weights.draw(shape, random);
    float[] values = TestLibraries.random(random, 2 * 3 * 5);
    try (var lstm = new CudnnLstm(cudnn, shape, Precision.FP32, CudnnLstmAlgorithm.STANDARD)) {
      List<CudnnLstm.Layer> layers = upload(weights);
      DeviceSpan packed = bytes(lstm.weightBytes());
      DeviceSpan x = TestLibraries.device(context, new float[values.length]);
      DeviceSpan y = TestLibraries.device(context, 2 * 3 * 4);
      var scratch = new CudnnLstm.Scratch(bytes(lstm.workspaceBytes(false)), null);
      CudnnLstm.State none = CudnnLstm.State.NONE;

      TestLibraries.captureAndReplay(
          context,
          () -> {
            lstm.pack(layers, packed);
            lstm.forward(false, packed, x, none, y, none, scratch);
          },
          () -> x.memory().upload(values));

      Reference expected = new Reference(shape, values, weights, null);
      near("y", expected.y, TestLibraries.host(context, y), 1e-5);
    }
  }

  @Test
  void preparedWhileWorkIsRecordedItServesOtherWorkToo() {
    var shape = new LstmShape(2, 3, 5, 4, 2);
    Weights weights = Weights.draw(shape, random);
    float[] values = TestLibraries.random(random, 2 * 3 * 5);
    List<CudnnLstm.Layer> layers = upload(weights);
    DeviceSpan x = TestLibraries.device(context, values);
    DeviceSpan eager = TestLibraries.device(context, 2 * 3 * 4);
    DeviceSpan replayed = TestLibraries.device(context, 2 * 3 * 4);
    var prepared = new CudnnLstm[1];
    CudaGraphExec graph =
        context.record(
            () -> {
              prepared[0] = lstm(shape, Precision.FP32);
              infer(prepared[0], layers, x, replayed);
            });

    infer(prepared[0], layers, x, eager);

    Reference expected = new Reference(shape, values, weights, null);
    near("y", expected.y, TestLibraries.host(context, eager), 1e-5);
    graph.launch();
    near("replayed y", expected.y, TestLibraries.host(context, replayed), 1e-5);
    graph.close();
    prepared[0].close();
  }

  @Test
  void precisionsRoundDifferently() {
    onTheDouble();
    var shape = new LstmShape(2, 3, 5, 4, 1);
    Weights weights = Weights.draw(shape, random);
    float[] x = TestLibraries.random(random, 2 * 3 * 5);
    float[] exact = infer(shape, weights, x, Precision.FP32);

    assertFalse(Arrays.equals(exact, infer(shape, weights, x, Precision.TF32)));
    assertFalse(Arrays.equals(exact, infer(shape, weights, x, Precision.BF16)));
  }

  private float[] infer(LstmShape shape, Weights weights, float[] x, Precision precision) {
    try (var lstm = lstm(shape, precision)) {
      DeviceSpan y =
          TestLibraries.device(context, shape.batch() * shape.time() * shape.hiddenSize());
      infer(lstm, upload(weights), TestLibraries.device(context, x), y);
      return TestLibraries.host(context, y);
    }
  }

  private CudnnLstm lstm(LstmShape shape, Precision precision) {
    return new CudnnLstm(cudnn, shape, precision, CudnnLstmAlgorithm.STANDARD);
  }

  private void infer(CudnnLstm lstm, List<CudnnLstm.Layer> layers, DeviceSpan x, DeviceSpan y) {
    DeviceSpan packed = bytes(lstm.weightBytes());
    lstm.pack(layers, packed);
    CudnnLstm.State none = CudnnLstm.State.NONE;
    var scratch = new CudnnLstm.Scratch(bytes(lstm.workspaceBytes(false)), null);
    lstm.forward(false, packed, x, none, y, none, scratch);
  }

  @Test
  void anOperandThatIsTooShortIsNamed() {
    var shape = new LstmShape(2, 3, 5, 4, 1);
    try (var lstm = new CudnnLstm(cudnn, shape, Precision.FP32, CudnnLstmAlgorithm.STANDARD)) {
      DeviceSpan packed = bytes(lstm.weightBytes());
      DeviceSpan x = TestLibraries.device(context, 29);
      DeviceSpan y = TestLibraries.device(context, 24);

      var e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  lstm.forward(
                      false,
                      packed,
                      x,
                      CudnnLstm.State.NONE,
                      y,
                      CudnnLstm.State.NONE,
                      new CudnnLstm.Scratch(bytes(lstm.workspaceBytes(false)), null)));

      assertEquals(
          "cuDNN: x needs 120 bytes but has 116 bytes: LstmShape[batch=2, time=3, inputSize=5,"
              + " hiddenSize=4, layers=1], fp32, STANDARD",
          e.getMessage());
    }
  }

  @Test
  void aFailureNamesTheCallItsArgumentsAndTheStatus() {
    onTheDouble();
    var shape = new LstmShape(1, 1, 1, 1, 1);
    long before = TestLibraries.liveBytes();
    TestDriver.failNext("cudnnSetRNNDescriptor_v8", 9);

    var e =
        assertThrows(
            CudaException.class,
            () ->
                new CudnnLstm(
                    cudnn, shape, Precision.TF32, CudnnLstmAlgorithm.PERSIST_STATIC_SMALL_H));

    assertEquals(
        "cudnnSetRNNDescriptor_v8(LstmShape[batch=1, time=1, inputSize=1, hiddenSize=1, layers=1],"
            + " tf32, PERSIST_STATIC_SMALL_H): CUDNN_STATUS_NOT_SUPPORTED (9): asked for by the"
            + " test [Impromptu driver double, "
            + context.memoryInfo()
            + "]",
        e.getMessage());
    assertEquals(9, e.code());
    assertEquals(before, TestLibraries.liveBytes());
  }

  @Test
  void aFailureThatLeavesTheDeviceOfNoUseIsRemembered() {
    onTheDouble();
    TestDriver.failNext("cuMemsetD32Async", 719);
    var shape = new LstmShape(1, 1, 1, 1, 1);

    var first =
        assertThrows(
            CudaException.class,
            () -> new CudnnLstm(cudnn, shape, Precision.FP32, CudnnLstmAlgorithm.STANDARD));
    var later = assertThrows(CudaException.class, context::synchronize);

    assertTrue(first.getMessage().startsWith("cuMemsetD32Async("), first.getMessage());
    assertSame(first, later.getCause());
  }

  @Test
  void theLibrarySaysWhatItIs() {
    assertTrue(cudnn.version() >= 8000);
    assertTrue(cudnn.library().contains("cudnn"), cudnn.library());
    assertTrue(Cudnn.whyMissing().isEmpty());
  }

  private void onTheDouble() {
    cudnn.close();
    context.close();
    context = TestDriver.openDouble();
    cudnn = new Cudnn(context);
  }

  /**
   * Compares outputs and all gradients with the reference. The errors of single roundings, 2^-24 in
   * FP32 and 2^-11 in TF32 (which BF16 gets too), add up over products and steps: 1e-4 and 2e-2 of
   * the largest value met.
   */
  private void compare(
      LstmShape shape, Precision precision, CudnnLstmAlgorithm algorithm, boolean withState) {
    double tolerance = precision == Precision.FP32 ? 1e-4 : 2e-2;
    int sequences = shape.batch() * shape.time();
    int states = shape.layers() * shape.batch() * shape.hiddenSize();
    Weights weights = Weights.draw(shape, random);
    float[] x = TestLibraries.random(random, sequences * shape.inputSize());
    float[] hx = TestLibraries.random(random, states);
    float[] cx = TestLibraries.random(random, states);
    float[] dy = TestLibraries.random(random, sequences * shape.hiddenSize());
    float[] dhy = TestLibraries.random(random, states);
    float[] dcy = TestLibraries.random(random, states);
    Reference expected = new Reference(shape, x, weights, withState ? List.of(hx, cx) : null);
    expected.backward(dy, withState ? List.of(dhy, dcy) : null);

    try (var lstm = new CudnnLstm(cudnn, shape, precision, algorithm)) {
      DeviceSpan packed = bytes(lstm.weightBytes());
      lstm.pack(upload(weights), packed);
      var scratch =
          new CudnnLstm.Scratch(bytes(lstm.workspaceBytes(true)), bytes(lstm.reserveBytes()));
      CudnnLstm.State initial = withState ? state(hx, cx) : CudnnLstm.State.NONE;
      CudnnLstm.State last = state(new float[states], new float[states]);
      CudnnLstm.State dLast = withState ? state(dhy, dcy) : CudnnLstm.State.NONE;
      CudnnLstm.State dInitial = state(new float[states], new float[states]);
      DeviceSpan input = TestLibraries.device(context, x);
      DeviceSpan y = TestLibraries.device(context, dy.length);
      DeviceSpan dx = TestLibraries.device(context, x.length);
      DeviceSpan dWeights = bytes(lstm.weightBytes());
      List<CudnnLstm.Layer> gradients = empty(shape);

      lstm.forward(true, packed, input, initial, y, last, scratch);
      lstm.backwardData(
          packed, y, TestLibraries.device(context, dy), dx, initial, dLast, dInitial, scratch);
      lstm.backwardWeights(input, y, initial, dWeights, scratch);
      lstm.unpack(dWeights, gradients);

      near("y", expected.y, TestLibraries.host(context, y), tolerance);
      near("h", expected.h, TestLibraries.host(context, last.hidden()), tolerance);
      near("c", expected.c, TestLibraries.host(context, last.cell()), tolerance);
      near("dx", expected.dx, TestLibraries.host(context, dx), tolerance);
      near("dh", expected.dh, TestLibraries.host(context, dInitial.hidden()), tolerance);
      near("dc", expected.dc, TestLibraries.host(context, dInitial.cell()), tolerance);
      for (int layer = 0; layer < shape.layers(); layer++) {
        List<DeviceSpan> parts = parts(gradients.get(layer));
        for (int part = 0; part < parts.size(); part++) {
          near(
              "gradient " + part + " of layer " + layer,
              expected.dWeights.get(layer)[part],
              TestLibraries.host(context, parts.get(part)),
              tolerance);
        }
      }
    }
  }

  private static void near(String what, double[] expected, float[] actual, double tolerance) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance * Math.max(1, largest))) {
        fail("%s[%d] is %s instead of %s".formatted(what, i, actual[i], expected[i]));
      }
    }
  }

  private CudnnLstm.State state(float[] hidden, float[] cell) {
    return new CudnnLstm.State(
        TestLibraries.device(context, hidden), TestLibraries.device(context, cell));
  }

  private DeviceSpan bytes(long bytes) {
    return context.allocate(Math.max(4, bytes)).span(0, bytes);
  }

  private List<CudnnLstm.Layer> upload(Weights weights) {
    return weights.layers.stream()
        .map(
            layer ->
                new CudnnLstm.Layer(
                    TestLibraries.device(context, layer[0]),
                    TestLibraries.device(context, layer[1]),
                    TestLibraries.device(context, layer[2]),
                    TestLibraries.device(context, layer[3])))
        .toList();
  }

  private List<CudnnLstm.Layer> empty(LstmShape shape) {
    return upload(Weights.draw(shape, random));
  }

  private static List<DeviceSpan> parts(CudnnLstm.Layer layer) {
    return List.of(
        layer.inputWeight(), layer.hiddenWeight(), layer.inputBias(), layer.hiddenBias());
  }

  /** Of each layer: weights of input and hidden state, then their biases. */
  private record Weights(List<float[][]> layers) {
    static Weights draw(LstmShape shape, Random random) {
      List<float[][]> layers = new ArrayList<>();
      int h = shape.hiddenSize();
      for (int layer = 0; layer < shape.layers(); layer++) {
        layers.add(
            new float[][] {
              TestLibraries.random(random, 4 * h * shape.inputSize(layer)),
              TestLibraries.random(random, 4 * h * h),
              TestLibraries.random(random, 4 * h),
              TestLibraries.random(random, 4 * h)
            });
      }
      return new Weights(layers);
    }
  }

  /** The reference backend's results on the same numbers. */
  private final class Reference {
    final LstmShape shape;
    final Storage x;
    final List<LstmWeights> weights;
    final LstmState initial;
    final Storage reserve;
    final double[] y;
    final double[] h;
    final double[] c;
    double[] dx;
    double[] dh;
    double[] dc;
    final List<double[][]> dWeights = new ArrayList<>();

    Reference(LstmShape shape, float[] x, Weights weights, List<float[]> initial) {
      this.shape = shape;
      this.x = write(x);
      this.weights =
          weights.layers.stream()
              .map(w -> new LstmWeights(write(w[0]), write(w[1]), write(w[2]), write(w[3])))
              .toList();
      this.initial =
          initial == null ? null : new LstmState(write(initial.get(0)), write(initial.get(1)));
      reserve = memory(reference.lstmReserve(shape));
      Storage out = memory(shape.batch() * shape.time() * shape.hiddenSize());
      LstmState last = stateMemory();
      reference.lstmForward(shape, this.x, this.weights, this.initial, out, last, reserve);
      y = read(out);
      h = read(last.hidden());
      c = read(last.cell());
    }

    void backward(float[] dy, List<float[]> dLast) {
      Storage toInput = memory(x.length());
      LstmState toInitial = stateMemory();
      List<LstmWeights> toWeights =
          weights.stream()
              .map(
                  w ->
                      new LstmWeights(
                          memory(w.inputWeight().length()),
                          memory(w.hiddenWeight().length()),
                          memory(w.inputBias().length()),
                          memory(w.hiddenBias().length())))
              .toList();
      reference.lstmBackward(
          shape,
          x,
          weights,
          initial,
          reserve,
          write(dy),
          dLast == null ? null : new LstmState(write(dLast.get(0)), write(dLast.get(1))),
          toInput,
          toInitial,
          toWeights);
      dx = read(toInput);
      dh = read(toInitial.hidden());
      dc = read(toInitial.cell());
      for (LstmWeights w : toWeights) {
        dWeights.add(
            new double[][] {
              read(w.inputWeight()),
              read(w.hiddenWeight()),
              read(w.inputBias()),
              read(w.hiddenBias())
            });
      }
    }

    private LstmState stateMemory() {
      int states = shape.layers() * shape.batch() * shape.hiddenSize();
      return new LstmState(memory(states), memory(states));
    }

    private Storage memory(int length) {
      return reference.allocate(DType.FLOAT32, length);
    }

    private Storage write(float[] values) {
      Storage storage = memory(values.length);
      reference.write(values, storage);
      return storage;
    }

    private double[] read(Storage storage) {
      var values = new double[storage.length()];
      reference.read(storage, values);
      return values;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cuMemAlloc",
        "cuMemsetD32Async",
        "cudnnSetRNNDescriptor_v8",
        "cudnnCreateRNNDataDescriptor",
        "cudnnCreateTensorDescriptor",
        "cudnnGetRNNTempSpaceSizes"
      })
  void aPreparationThatFailsLeavesNothing(String call) {
    onTheDouble();
    DriverDouble driver = DriverDouble.find().orElseThrow();
    DriverDouble.Holdings before = driver.holdings();
    TestDriver.failNext(call, 1);

    assertThrows(
        CudaException.class,
        () ->
            new CudnnLstm(
                cudnn, new LstmShape(2, 3, 4, 5, 1), Precision.FP32, CudnnLstmAlgorithm.STANDARD));

    assertEquals(before, driver.holdings());
  }

  @Test
  void whatItTookIsGivenBack() {
    onTheDouble();
    DriverDouble driver = DriverDouble.find().orElseThrow();
    DriverDouble.Holdings before = driver.holdings();
    new CudnnLstm(cudnn, new LstmShape(2, 3, 4, 5, 1), Precision.FP32, CudnnLstmAlgorithm.STANDARD)
        .close();

    assertEquals(before, driver.holdings());
  }
}
