package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.reference.ReferenceBackend;
import dev.impromptu.cuda.driverdouble.DriverDouble;
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

class CudnnConvolutionTest {
  private static final CudnnConvolution.Algorithms REPEATABLE =
      CudnnConvolution.Algorithms.REPEATABLE;

  private final Random random = new Random(7);
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

  static List<ConvShape> shapes() {
    return List.of(
        new ConvShape(1, 1, 1, 1, 1, 1),
        new ConvShape(1, 1, 3, 2, 2, 4),
        new ConvShape(2, 9, 7, 8, 2, 1),
        new ConvShape(2, 33, 8, 9, 2, 16),
        new ConvShape(3, 7, 1, 33, 3, 2));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void itComputesWhatTheReferenceDoes(ConvShape shape) {
    compare(shape, Precision.FP32, REPEATABLE);
  }

  @ParameterizedTest
  @EnumSource(value = Precision.class, names = "FP32", mode = EnumSource.Mode.EXCLUDE)
  void coarserPrecisionsStayNear(Precision precision) {
    compare(new ConvShape(2, 33, 16, 32, 2, 4), precision, REPEATABLE);
  }

  @Test
  void precisionsRoundDifferently() {
    onTheDouble();
    var shape = new ConvShape(1, 4, 8, 8, 2, 2);
    DeviceSpan x = TestLibraries.device(context, TestLibraries.random(random, 8 * 6));
    DeviceSpan weight = TestLibraries.device(context, TestLibraries.random(random, 8 * 8 * 2));
    float[] exact = forward(shape, Precision.FP32, x, weight);

    assertFalse(Arrays.equals(exact, forward(shape, Precision.TF32, x, weight)));
    assertFalse(Arrays.equals(exact, forward(shape, Precision.BF16, x, weight)));
  }

  private float[] forward(ConvShape shape, Precision precision, DeviceSpan x, DeviceSpan weight) {
    try (var convolution = new CudnnConvolution(cudnn, shape, precision, REPEATABLE)) {
      DeviceSpan y = TestLibraries.device(context, shape.outChannels() * shape.time());
      convolution.forward(x, weight, y, work(convolution));
      return TestLibraries.host(context, y);
    }
  }

  private void onTheDouble() {
    cudnn.close();
    context.close();
    context = TestDriver.openDouble();
    cudnn = new Cudnn(context);
  }

  @Test
  void otherAlgorithmsCanBeChosen() {
    var shape = new ConvShape(2, 9, 8, 8, 2, 2);
    compare(shape, Precision.FP32, new CudnnConvolution.Algorithms(0, 0, 0));
    compare(shape, Precision.FP32, new CudnnConvolution.Algorithms(0, 1, 3));
  }

  @Test
  void anAlgorithmThatTakesNoDilationIsRefused() {
    var shape = new ConvShape(1, 8, 2, 2, 2, 4);

    var e =
        assertThrows(
            CudaException.class,
            () ->
                new CudnnConvolution(
                    cudnn, shape, Precision.FP32, new CudnnConvolution.Algorithms(6, 1, 1)));

    assertTrue(
        e.getMessage()
            .startsWith(
                "cudnnGetConvolutionForwardWorkspaceSize(ConvShape[batch=1, time=8, inChannels=2,"
                    + " outChannels=2, kernel=2, dilation=4], fp32, Algorithms[forward=6,"
                    + " backwardData=1, backwardFilter=1]): CUDNN_STATUS_NOT_SUPPORTED (9)"),
        e.getMessage());
  }

  @Test
  void anOperandThatIsTooShortIsNamed() {
    var shape = new ConvShape(1, 8, 2, 2, 2, 4);
    try (var convolution = new CudnnConvolution(cudnn, shape, Precision.FP32, REPEATABLE)) {
      DeviceSpan unpadded = TestLibraries.device(context, 2 * 8);
      DeviceSpan weight = TestLibraries.device(context, 2 * 2 * 2);

      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> convolution.forward(unpadded, weight, unpadded, work(convolution)));

      assertTrue(
          e.getMessage().startsWith("cuDNN: x needs 96 bytes but has 64 bytes"), e.getMessage());
    }
  }

  @ParameterizedTest
  @MethodSource("calls")
  void aFailureNamesTheCall(String call) {
    onTheDouble();
    TestDriver.failNext(call, 8);

    var e =
        assertThrows(
            CudaException.class,
            () -> compare(new ConvShape(1, 2, 1, 1, 2, 1), Precision.FP32, REPEATABLE));

    assertTrue(e.getMessage().startsWith(call + "(ConvShape["), e.getMessage());
    assertTrue(
        e.getMessage()
            .endsWith(
                "CUDNN_STATUS_EXECUTION_FAILED (8): asked for by the test [Impromptu driver double, "
                    + context.memoryInfo()
                    + "]"),
        e.getMessage());
    assertEquals(8, e.code());
  }

  static List<String> calls() {
    return List.of(
        "cudnnConvolutionForward",
        "cudnnAddTensor",
        "cudnnConvolutionBackwardData",
        "cudnnConvolutionBackwardFilter",
        "cudnnConvolutionBackwardBias");
  }

  /**
   * Compares with the reference, which has time before channels and no padding. A rounding costs
   * 2^-24 in FP32 and 2^-11 a factor in TF32 (which BF16 gets too), and sums of up to some hundred
   * terms below 1 are met: 1e-4 and 0.1.
   */
  private void compare(
      ConvShape shape, Precision precision, CudnnConvolution.Algorithms algorithms) {
    double tolerance = precision == Precision.FP32 ? 1e-4 : 0.1;
    int in = shape.inChannels();
    int out = shape.outChannels();
    float[] x = TestLibraries.random(random, shape.batch() * shape.time() * in);
    float[] weight = TestLibraries.random(random, out * in * shape.kernel());
    float[] bias = TestLibraries.random(random, out);
    float[] dy = TestLibraries.random(random, shape.batch() * shape.time() * out);
    try (var convolution = new CudnnConvolution(cudnn, shape, precision, algorithms)) {
      DeviceSpan padded = TestLibraries.device(context, channelsFirst(x, shape, in, true));
      DeviceSpan weights = TestLibraries.device(context, weight);
      DeviceSpan y = TestLibraries.device(context, dy.length);
      DeviceSpan dOut = TestLibraries.device(context, channelsFirst(dy, shape, out, false));
      DeviceSpan dx = TestLibraries.device(context, (int) (padded.bytes() / Float.BYTES));
      DeviceSpan dWeight = TestLibraries.device(context, weight.length);
      DeviceSpan dBias = TestLibraries.device(context, bias.length);
      DeviceSpan work = work(convolution);

      convolution.forward(padded, weights, y, work);
      convolution.addBias(TestLibraries.device(context, bias), y);
      convolution.backwardData(weights, dOut, dx, work);
      convolution.backwardFilter(padded, dOut, dWeight, work);
      convolution.backwardBias(dOut, dBias);

      Storage expectedY = memory(dy.length);
      Storage expectedDx = memory(x.length);
      Storage expectedDw = memory(weight.length);
      Storage expectedDb = memory(bias.length);
      reference.causalConv1d(shape, write(x), write(weight), write(bias), null, expectedY);
      reference.causalConv1dBackwardInput(shape, write(dy), write(weight), null, expectedDx);
      reference.causalConv1dBackwardWeight(shape, write(x), write(dy), expectedDw, expectedDb);
      near("y", expectedY, timeFirst(y, shape, out, 0), tolerance);
      near("dx", expectedDx, timeFirst(dx, shape, in, shape.history()), tolerance);
      near("dWeight", expectedDw, TestLibraries.host(context, dWeight), tolerance);
      near("dBias", expectedDb, TestLibraries.host(context, dBias), tolerance);
    }
  }

  private DeviceSpan work(CudnnConvolution convolution) {
    return context
        .allocate(Math.max(4, convolution.workspaceBytes()))
        .span(0, convolution.workspaceBytes());
  }

  private static float[] channelsFirst(
      float[] values, ConvShape shape, int channels, boolean padded) {
    int before = padded ? shape.history() : 0;
    int steps = before + shape.time();
    float[] result = new float[shape.batch() * channels * steps];
    for (int b = 0; b < shape.batch(); b++) {
      for (int t = 0; t < shape.time(); t++) {
        for (int c = 0; c < channels; c++) {
          result[(b * channels + c) * steps + before + t] =
              values[(b * shape.time() + t) * channels + c];
        }
      }
    }
    return result;
  }

  private float[] timeFirst(DeviceSpan span, ConvShape shape, int channels, int before) {
    float[] values = TestLibraries.host(context, span);
    int steps = before + shape.time();
    float[] result = new float[shape.batch() * shape.time() * channels];
    for (int b = 0; b < shape.batch(); b++) {
      for (int t = 0; t < shape.time(); t++) {
        for (int c = 0; c < channels; c++) {
          result[(b * shape.time() + t) * channels + c] =
              values[(b * channels + c) * steps + before + t];
        }
      }
    }
    return result;
  }

  private void near(String what, Storage expected, float[] actual, double tolerance) {
    double[] values = new double[expected.length()];
    reference.read(expected, values);
    for (int i = 0; i < values.length; i++) {
      if (!(Math.abs(actual[i] - values[i]) <= tolerance)) {
        fail("%s[%d] is %s instead of %s".formatted(what, i, actual[i], values[i]));
      }
    }
  }

  private Storage memory(int length) {
    return reference.allocate(DType.FLOAT32, length);
  }

  private Storage write(float[] values) {
    Storage storage = memory(values.length);
    reference.write(values, storage);
    return storage;
  }

  @ParameterizedTest
  @ValueSource(strings = {"cudnnCreateFilterDescriptor", "cudnnCreateConvolutionDescriptor"})
  void aPreparationThatFailsLeavesNothing(String call) {
    onTheDouble();
    DriverDouble driver = DriverDouble.find().orElseThrow();
    DriverDouble.Holdings before = driver.holdings();
    TestDriver.failNext(call, 1);

    assertThrows(
        CudaException.class,
        () ->
            new CudnnConvolution(
                cudnn, new ConvShape(1, 8, 2, 2, 2, 4), Precision.FP32, REPEATABLE));

    assertEquals(before, driver.holdings());
  }

  @Test
  void whatItTookIsGivenBack() {
    onTheDouble();
    DriverDouble driver = DriverDouble.find().orElseThrow();
    DriverDouble.Holdings before = driver.holdings();
    new CudnnConvolution(cudnn, new ConvShape(1, 8, 2, 2, 2, 4), Precision.FP32, REPEATABLE)
        .close();

    assertEquals(before, driver.holdings());
  }

  @Test
  void whatIsCalledRepeatableIsNoneThatCudnnSaysAddsInAnyOrder() {
    // CUDNN_CONVOLUTION_BWD_DATA_ALGO_0, CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0 and _3.
    assertNotEquals(0, REPEATABLE.backwardData());
    assertNotEquals(0, REPEATABLE.backwardFilter());
    assertNotEquals(3, REPEATABLE.backwardFilter());
  }
}
