package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.CudaOptions.Implementation;
import dev.impromptu.cuda.CudaOptions.Products;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.DriverDouble;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operations that need memory of their own: whichever of their calls fails, they give it back. */
class FailedOperationTest {
  private static final int OUT_OF_MEMORY = 2;

  private DriverDouble driver;

  @BeforeEach
  void look() {
    TestDriver.open().close();
    driver =
        DriverDouble.find().orElseGet(() -> Assumptions.abort("This needs the stand-in driver"));
    driver.reset();
  }

  @AfterEach
  void reset() {
    if (driver != null) {
      driver.reset();
    }
  }

  /**
   * One operation.
   *
   * @param prepared makes the operands and gives what works on them
   */
  private record Operation(
      String name,
      Precision precision,
      Implementation by,
      Function<CudaBackend, Runnable> prepared) {
    @Override
    public String toString() {
      return "%s, %s, %s".formatted(name, precision.optionName(), by);
    }
  }

  static List<Operation> operations() {
    return List.of(
        operation("product in pieces", b -> product(b, 9, 9, 300)),
        new Operation(
            "large product", Precision.BF16, Implementation.KERNEL, b -> product(b, 128, 128, 64)),
        operation("sum in pieces", FailedOperationTest::sum),
        operation("norm", b -> norm(b, floats(b, 9), floats(b, 1))),
        operation("lstm", FailedOperationTest::lstm),
        operation("convolution", FailedOperationTest::convolution),
        new Operation("lstm", Precision.FP32, Implementation.CUDNN, FailedOperationTest::lstm),
        new Operation(
            "convolution", Precision.FP32, Implementation.CUDNN, FailedOperationTest::convolution));
  }

  private static Operation operation(String name, Function<CudaBackend, Runnable> prepared) {
    return new Operation(name, Precision.FP32, Implementation.KERNEL, prepared);
  }

  private static Runnable product(CudaBackend backend, int m, int n, int k) {
    Storage a = floats(backend, m * k);
    Storage b = floats(backend, k * n);
    Storage c = floats(backend, m * n);
    return () -> backend.matmul(new Matmul(1, m, n, k, false, false), a, b, c);
  }

  private static Runnable sum(CudaBackend backend) {
    Storage x = floats(backend, 10_000);
    Storage y = floats(backend, 1);
    return () -> backend.reduce(ReduceOp.SUM, new Reduction(1, 10_000, 1), x, y);
  }

  private static Runnable norm(CudaBackend backend, Storage x, Storage y) {
    return () -> backend.norm(List.of(x), y);
  }

  private static Runnable lstm(CudaBackend backend) {
    var shape = new LstmShape(3, 4, 5, 8, 2);
    Storage x = floats(backend, 3 * 4 * 5);
    Storage y = floats(backend, 3 * 4 * 8);
    Storage dx = floats(backend, 3 * 4 * 5);
    LstmState state = state(backend);
    List<LstmWeights> weights = List.of(weights(backend, 5), weights(backend, 8));
    List<LstmWeights> gradients = List.of(weights(backend, 5), weights(backend, 8));
    Storage reserve = floats(backend, backend.lstmReserve(shape));
    return () -> {
      backend.lstmForward(shape, x, weights, null, y, state, reserve);
      backend.lstmBackward(shape, x, weights, null, reserve, y, null, dx, null, gradients);
      backend.lstmBackward(shape, x, weights, null, reserve, null, state, null, null, gradients);
      backend.lstmStep(new LstmShape(3, 1, 5, 8, 2), x, weights, state, state);
    };
  }

  private static LstmState state(CudaBackend backend) {
    return new LstmState(floats(backend, 2 * 3 * 8), floats(backend, 2 * 3 * 8));
  }

  private static LstmWeights weights(CudaBackend backend, int inputs) {
    return new LstmWeights(
        floats(backend, 4 * 8 * inputs),
        floats(backend, 4 * 8 * 8),
        floats(backend, 4 * 8),
        floats(backend, 4 * 8));
  }

  private static Runnable convolution(CudaBackend backend) {
    var shape = new ConvShape(2, 9, 4, 6, 2, 2);
    Storage x = floats(backend, 2 * 9 * 4);
    Storage weight = floats(backend, 6 * 4 * 2);
    Storage bias = floats(backend, 6);
    Storage y = floats(backend, 2 * 9 * 6);
    Storage half = floats(backend, 2 * 9 * 3);
    return () -> {
      backend.causalConv1d(shape, x, weight, bias, y, y);
      backend.gatedConv1d(shape, x, weight, bias, y, half);
      backend.causalConv1dBackwardInput(shape, y, weight, null, x);
      backend.causalConv1dBackwardWeight(shape, x, y, weight, bias);
    };
  }

  private static Storage floats(CudaBackend backend, int length) {
    Storage storage = backend.allocate(DType.FLOAT32, length);
    backend.fill(storage, 0.5);
    return storage;
  }

  @ParameterizedTest
  @MethodSource("operations")
  void whatItTookIsGivenBack(Operation operation) {
    Assumptions.assumeTrue(
        operation.by == Implementation.KERNEL || Cudnn.whyMissing().isEmpty(), "This needs cuDNN");
    var options = new CudaOptions(Products.CUBLAS, operation.by, operation.by, true, false);
    var runtime = new CudaRuntime(TestDriver.open(), operation.precision, options);
    try (var backend = new CudaBackend(runtime, 12_000)) {
      Runnable work = operation.prepared.apply(backend);
      // Kernels are compiled and shapes prepared.
      work.run();
      long held = runtime.pool().bytesInUse();
      for (String call :
          List.of("cuMemAlloc", "cuLaunchKernel", "cuMemsetD32Async", "cuMemcpyDtoDAsync")) {
        long before = driver.calls(call);
        work.run();
        long calls = driver.calls(call) - before;
        assertTrue(calls > 0 || !call.equals("cuMemAlloc"), "it takes memory");
        for (int which = 0; which < calls; which++) {
          driver.failAfter(call, which, OUT_OF_MEMORY);
          if (call.equals("cuMemAlloc")) {
            // It is asked for once more.
            driver.failAfter(call, which, OUT_OF_MEMORY);
          }
          assertThrows(RuntimeException.class, work::run);
          assertEquals(held, runtime.pool().bytesInUse(), call + " " + which + " of " + calls);
        }
      }
      work.run();
    }
  }
}
