package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.Precision;
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

class CublasTest {
  private static final int[] AWKWARD = {1, 7, 8, 9, 33};

  private final Random random = new Random(3);
  private DriverContext context;
  private Cublas cublas;

  @BeforeEach
  void open() {
    context = TestDriver.open();
    TestLibraries.assume(CudaLibrary.CUBLAS);
    cublas = new Cublas(context);
  }

  @AfterEach
  void close() {
    if (cublas != null) {
      cublas.close();
    }
    if (context != null) {
      context.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void aProductIsWhatPlainLoopsMakeOfIt(Precision precision) {
    for (int m : AWKWARD) {
      for (int n : AWKWARD) {
        for (int flags = 0; flags < 4; flags++) {
          int k = AWKWARD[(m + n + flags) % AWKWARD.length];
          compare(Gemm.dense(precision, (flags & 1) != 0, (flags & 2) != 0, m, n, k), 1, 0);
        }
      }
    }
  }

  @Test
  void aProductCanBePartOfAGraph() {
    DeviceSpan a = TestLibraries.device(context, new float[] {1, 0, 0, 1});
    DeviceSpan b = TestLibraries.device(context, new float[] {5, 6, 7, 8});
    DeviceSpan c = TestLibraries.device(context, new float[4]);
    var gemm = Gemm.dense(Precision.FP32, false, false, 2, 2, 2);

    TestLibraries.captureAndReplay(
        context,
        () -> cublas.gemm(gemm, 1, a, b, 0, c),
        () -> a.memory().upload(new float[] {1, 2, 3, 4}));

    assertArrayEquals(new float[] {19, 22, 43, 50}, TestLibraries.host(context, c));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void aBatchIsManyProducts(Precision precision) {
    compare(Gemm.of(precision, new Matmul(3, 7, 9, 8, true, false)), 1, 0);
    compare(Gemm.of(precision, new Matmul(5, 33, 1, 7, false, true)), 1, 0);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void aBatchMayShareOneFactor(Precision precision) {
    compare(Gemm.dense(precision, false, true, 7, 9, 8).withBatch(3, 7 * 8, 0, 7 * 9), 1, 0);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void rowsMayLieApart(Precision precision) {
    compare(Gemm.dense(precision, false, false, 7, 9, 8).withRows(11, 10, 13), 1, 0);
    compare(Gemm.dense(precision, true, true, 7, 9, 8).withRows(8, 12, 9), 1, 0);
    // The last row ends where its matrix does: nothing lies behind it.
    assertEquals(
        2 * 11 + 5, Gemm.dense(precision, false, false, 3, 4, 5).withRows(11, 4, 4).extentA());
  }

  @Test
  void aProductIsScaledAndAdded() {
    compare(Gemm.dense(Precision.FP32, false, true, 8, 33, 9), -0.5f, 2);
    compare(Gemm.dense(Precision.FP32, true, false, 9, 7, 33), 3, 1);
  }

  @Test
  void precisionsRoundDifferently() {
    context.close();
    cublas = null;
    context = TestDriver.openDouble();
    cublas = new Cublas(context);
    var fp32 = Gemm.dense(Precision.FP32, false, false, 4, 4, 4);
    var tf32 = Gemm.dense(Precision.TF32, false, false, 4, 4, 4);
    DeviceSpan a = TestLibraries.device(context, TestLibraries.random(random, 16));
    DeviceSpan b = TestLibraries.device(context, TestLibraries.random(random, 16));
    DeviceSpan exact = TestLibraries.device(context, 16);
    DeviceSpan rounded = TestLibraries.device(context, 16);

    cublas.gemm(fp32, 1, a, b, 0, exact);
    cublas.gemm(tf32, 1, a, b, 0, rounded);

    assertFalse(
        Arrays.equals(TestLibraries.host(context, exact), TestLibraries.host(context, rounded)));
  }

  @Test
  void twoRunsGiveTheSameBits() {
    var gemm = Gemm.dense(Precision.FP32, false, true, 33, 65, 129);
    DeviceSpan a = TestLibraries.device(context, TestLibraries.random(random, 33 * 129));
    DeviceSpan b = TestLibraries.device(context, TestLibraries.random(random, 65 * 129));
    DeviceSpan first = TestLibraries.device(context, 33 * 65);
    DeviceSpan second = TestLibraries.device(context, 33 * 65);

    cublas.gemm(gemm, 1, a, b, 0, first);
    cublas.gemm(gemm, 1, a, b, 0, second);

    assertArrayEquals(TestLibraries.host(context, first), TestLibraries.host(context, second));
  }

  @Test
  void theLibrarySaysWhatItIs() {
    assertTrue(cublas.version() >= 120000);
    assertTrue(cublas.library().contains("cublas"), cublas.library());
    assertTrue(Cublas.whyMissing().isEmpty());
  }

  @Test
  void anOperandThatIsTooShortIsNamed() {
    DeviceSpan nine = TestLibraries.device(context, 9);
    DeviceSpan eight = nine.slice(0, 32);

    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                cublas.gemm(
                    Gemm.dense(Precision.FP32, false, true, 3, 3, 3), 1, nine, nine, 0, eight));

    assertEquals(
        "gemm: C needs 36 bytes but has 32 bytes: fp32 [3, 3] x transposed [3, 3], rows every 3, 3, 3",
        e.getMessage());
  }

  @Test
  void sizesThatMakeNoSenseAreRefused() {
    var gemm = Gemm.dense(Precision.FP32, false, false, 3, 4, 5);

    assertEquals(
        "gemm: rows of B have 4 columns, so they cannot follow each other every 3 elements",
        assertThrows(IllegalArgumentException.class, () -> gemm.withRows(5, 3, 4)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> gemm.withBatch(0, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> gemm.withBatch(2, 0, 0, 11));
    assertThrows(
        IllegalArgumentException.class, () -> Gemm.dense(Precision.FP32, false, false, 3, 4, 0));
  }

  @Test
  void aFailureNamesTheCallItsArgumentsAndTheStatus() {
    onTheDouble();
    DeviceSpan four = TestLibraries.device(context, new float[4]);
    TestDriver.failNext("cublasGemmEx", 13);

    var e =
        assertThrows(
            CudaException.class,
            () ->
                cublas.gemm(
                    Gemm.dense(Precision.TF32, true, false, 2, 2, 2), 1, four, four, 0, four));

    assertEquals(
        "cublasGemmEx(tf32 transposed [2, 2] x [2, 2], rows every 2, 2, 2, alpha 1.0, beta 0.0):"
            + " CUBLAS_STATUS_EXECUTION_FAILED (13): asked for by the test "
            + stateOfTheDouble(),
        e.getMessage());
    assertEquals(13, e.code());
  }

  @Test
  void aFailedBatchNamesItsSteps() {
    onTheDouble();
    DeviceSpan eight = TestLibraries.device(context, new float[8]);
    TestDriver.failNext("cublasGemmStridedBatchedEx", 15);

    var e =
        assertThrows(
            CudaException.class,
            () ->
                cublas.gemm(
                    Gemm.of(Precision.FP32, new Matmul(2, 2, 2, 2, false, false)),
                    1,
                    eight,
                    eight,
                    0,
                    eight));

    assertEquals(
        "cublasGemmStridedBatchedEx(fp32 [2, 2] x [2, 2], rows every 2, 2, 2, batch 2 every 4, 4,"
            + " 4, alpha 1.0, beta 0.0): CUBLAS_STATUS_NOT_SUPPORTED (15): asked for by the test "
            + stateOfTheDouble(),
        e.getMessage());
  }

  private String stateOfTheDouble() {
    return "[Impromptu driver double, " + context.memoryInfo() + "]";
  }

  @Test
  void aFailureThatLeftTheDeviceOfNoUseIsRemembered() {
    onTheDouble();
    DeviceSpan four = TestLibraries.device(context, new float[4]);
    Gemm gemm = Gemm.dense(Precision.FP32, false, false, 2, 2, 2);
    // The driver says so when it is asked what became of the device.
    TestDriver.failNext("cublasGemmEx", 13);
    TestDriver.failNext("cuMemGetInfo", 719);

    var first = assertThrows(CudaException.class, () -> cublas.gemm(gemm, 1, four, four, 0, four));
    var later = assertThrows(CudaException.class, context::synchronize);

    assertTrue(
        first.getMessage().endsWith("double, of no use until it is opened again]"),
        first.getMessage());
    assertSame(first, later.getCause());
  }

  @ParameterizedTest
  @MethodSource("preparations")
  void aFailedPreparationIsNamedAndLeavesNoMemoryBehind(String call) {
    onTheDouble();
    long before = TestLibraries.liveBytes();
    long handles = DriverDouble.find().orElseThrow().holdings().handles();
    TestDriver.failNext(call, 1);

    var e = assertThrows(CudaException.class, () -> new Cublas(context));

    assertTrue(
        e.getMessage().startsWith(call + "(") && e.getMessage().contains("NOT_INITIALIZED (1)"),
        e.getMessage());
    assertEquals(before, TestLibraries.liveBytes());
    assertEquals(handles, DriverDouble.find().orElseThrow().holdings().handles());
  }

  static List<String> preparations() {
    return List.of("cublasCreate", "cublasSetStream", "cublasSetWorkspace", "cublasSetPointerMode");
  }

  @Test
  void memoryThatWasFreedIsRefused() {
    DeviceSpan gone = TestLibraries.device(context, 4);
    DeviceSpan four = TestLibraries.device(context, 4);
    gone.memory().close();

    assertThrows(
        IllegalStateException.class,
        () ->
            cublas.gemm(Gemm.dense(Precision.FP32, false, false, 2, 2, 2), 1, gone, four, 0, four));
  }

  @Test
  void itClosesOnceAndAfterItsContext() {
    cublas.close();
    cublas.close();
    var second = new Cublas(context);
    context.close();

    second.close();
  }

  private void onTheDouble() {
    cublas.close();
    context.close();
    context = TestDriver.openDouble();
    cublas = new Cublas(context);
  }

  /**
   * Compares with plain loops in double. An element's error is bounded by the sum of the absolute
   * values of its terms, times what one rounding costs: 2^-24 a step of a float32 sum, and 2^-10 a
   * factor cut to TF32's 10 bits. BF16 factors are given as such, so only the sum rounds.
   */
  private void compare(Gemm gemm, float alpha, float beta) {
    boolean brain = gemm.precision() == Precision.BF16;
    float[] a = draw((int) gemm.extentA(), brain);
    float[] b = draw((int) gemm.extentB(), brain);
    float[] before = TestLibraries.random(random, (int) gemm.extentC());
    DeviceSpan c = TestLibraries.device(context, before);

    cublas.gemm(gemm, alpha, upload(a, brain), upload(b, brain), beta, c);

    float[] after = TestLibraries.host(context, c);
    boolean[] written = new boolean[after.length];
    double rounding =
        (gemm.k() + 3) * 0x1p-24 + (gemm.precision() == Precision.TF32 ? 2 * 0x1p-10 : 0);
    for (int p = 0; p < gemm.batch(); p++) {
      for (int i = 0; i < gemm.m(); i++) {
        for (int j = 0; j < gemm.n(); j++) {
          double sum = 0;
          double magnitude = 0;
          for (int q = 0; q < gemm.k(); q++) {
            long atA =
                p * gemm.stepA() + (gemm.transposeA() ? q * gemm.rowA() + i : i * gemm.rowA() + q);
            long atB =
                p * gemm.stepB() + (gemm.transposeB() ? j * gemm.rowB() + q : q * gemm.rowB() + j);
            double term = (double) a[(int) atA] * b[(int) atB];
            sum += term;
            magnitude += Math.abs(term);
          }
          int at = (int) (p * gemm.stepC() + i * gemm.rowC() + j);
          double expected = alpha * sum + beta * before[at];
          double allowed =
              rounding * (Math.abs(alpha) * magnitude + Math.abs(beta * before[at])) + 1e-30;
          if (!(Math.abs(after[at] - expected) <= allowed)) {
            fail(
                "%s: C[%d, %d, %d] is %s instead of %s, off by more than %s"
                    .formatted(gemm, p, i, j, after[at], expected, allowed));
          }
          written[at] = true;
        }
      }
    }
    for (int at = 0; at < after.length; at++) {
      if (!written[at]) {
        assertEquals(before[at], after[at], "written between the rows, at " + at);
      }
    }
  }

  private float[] draw(int length, boolean brain) {
    float[] values = TestLibraries.random(random, length);
    for (int i = 0; brain && i < length; i++) {
      values[i] = Float.intBitsToFloat(Float.floatToIntBits(values[i]) & 0xffff0000);
    }
    return values;
  }

  /** As float32, or two bfloat16 a word, the first in the lower half. */
  private DeviceSpan upload(float[] values, boolean brain) {
    if (!brain) {
      return TestLibraries.device(context, values);
    }
    float[] pairs = new float[(values.length + 1) / 2];
    for (int i = 0; i < pairs.length; i++) {
      int low = Float.floatToIntBits(values[2 * i]) >>> 16;
      int high = 2 * i + 1 < values.length ? Float.floatToIntBits(values[2 * i + 1]) : 0;
      pairs[i] = Float.intBitsToFloat((high & 0xffff0000) | low);
    }
    return TestLibraries.device(context, pairs).memory().span(0, 2L * values.length);
  }

  @Test
  void itsWorkSpaceIsWhatTheChipWants() {
    onTheDouble();
    cublas.close();
    for (int capability : new int[] {75, 90}) {
      TestDriver.capability(context, capability);
      long before = TestLibraries.liveBytes();
      try (var _ = new Cublas(context)) {
        long mebibytes = (TestLibraries.liveBytes() - before) >> 20;
        assertEquals(capability == 90 ? 32 : 4, mebibytes, "sm_" + capability);
      }
    }
    TestDriver.capability(context, 75);
  }

  @Test
  void whatItTookIsGivenBack() {
    DriverDouble driver = DriverDouble.find().orElse(null);
    assumeTrue(driver != null, "This needs the stand-in, which counts");
    DriverDouble.Holdings before = driver.holdings();
    new Cublas(context).close();

    assertEquals(before, driver.holdings());
  }
}
