package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.CudaOptions.Implementation;
import dev.impromptu.cuda.CudaOptions.Products;
import dev.impromptu.cuda.driver.CudaException;
import dev.impromptu.cuda.driver.Cudnn;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.DriverDouble;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The operations that cuDNN can run: which ones it does, how precisely, and how often. */
class CudnnOperationsTest {
  @Test
  void eachOperationIsRunByWhatItsOwnOptionNames() {
    List<String> lines = description(Implementation.KERNEL, Implementation.CUDNN);
    assertTrue(lines.get(4).startsWith("lstm: one launch"), lines.get(4));
    assertTrue(lines.get(5).startsWith("convolution: cuDNN, "), lines.get(5));

    lines = description(Implementation.CUDNN, Implementation.KERNEL);
    assertTrue(lines.get(4).startsWith("lstm: cuDNN, "), lines.get(4));
    assertEquals("convolution: own kernels, in fp32", lines.get(5));
  }

  private static List<String> description(Implementation lstm, Implementation conv) {
    try (var backend = open(Precision.FP32, lstm, conv)) {
      return backend.description();
    }
  }

  @Test
  void aBackwardMayRunAgain() {
    try (var backend = open(Precision.FP32)) {
      var machine = new Machine(backend);
      var problem = LstmProblem.whole(new LstmShape(3, 4, 5, 8, 2));
      List<float[]> once = problem.run(machine);
      List<float[]> twice = problem.run(machine, 2);
      for (int i = 0; i < once.size(); i++) {
        assertArrayEquals(once.get(i), twice.get(i), "result " + i);
      }
    }
  }

  @Test
  void whatWasPreparedIsGivenBackWithTheDevice() {
    DriverDouble driver =
        DriverDouble.find()
            .orElseGet(() -> Assumptions.abort("This needs the stand-in, which counts"));
    DriverDouble.Holdings before = driver.holdings();
    try (var backend = open(Precision.FP32)) {
      var machine = new Machine(backend);
      LstmProblem.whole(new LstmShape(3, 4, 5, 8, 2)).run(machine);
      LstmProblem.whole(new LstmShape(2, 4, 5, 8, 1)).run(machine);
      convolve(backend);
      assertTrue(driver.holdings().descriptors() > before.descriptors());
      assertTrue(driver.holdings().handles() > before.handles());
      assertTrue(driver.holdings().modules() > before.modules());
    }
    DriverDouble.Holdings after = driver.holdings();
    assertEquals(before.descriptors(), after.descriptors(), "descriptors");
    assertEquals(before.handles(), after.handles(), "handles");
    assertEquals(before.modules(), after.modules(), "modules");
    assertEquals(before.allocations(), after.allocations(), "allocations");
  }

  @Test
  void theDeviceEndsItsWorkBeforeTheLibrariesClose() {
    DriverDouble driver =
        DriverDouble.find()
            .orElseGet(() -> Assumptions.abort("This needs the stand-in, which counts"));
    var backend = open(Precision.FP32);
    convolve(backend);
    long waits = driver.calls("cuStreamSynchronize");
    driver.failNext("cudnnDestroyTensorDescriptor", 9);

    var e = assertThrows(CudaException.class, backend::close);

    assertTrue(e.getMessage().startsWith("cudnnDestroyTensorDescriptor("), e.getMessage());
    // Once before that, and once for the context.
    assertEquals(2, driver.calls("cuStreamSynchronize") - waits);
  }

  @Test
  void gradientsThatAreGivenNeedNoMemoryBeside() {
    DriverDouble driver =
        DriverDouble.find()
            .orElseGet(() -> Assumptions.abort("This needs the stand-in, which counts"));
    var shape = new LstmShape(3, 4, 5, 8, 1);
    long given = allocations(driver, LstmProblem.whole(shape));
    long absent = allocations(driver, new LstmProblem(shape, true, false, true, false, true));

    assertEquals(given + 2, absent);
  }

  private static long allocations(DriverDouble driver, LstmProblem problem) {
    try (var backend = open(Precision.FP32)) {
      long before = driver.calls("cuMemAlloc");
      problem.run(new Machine(backend));
      return driver.calls("cuMemAlloc") - before;
    }
  }

  @Test
  void theDevicesPrecisionIsThatOfCudnn() {
    Assumptions.assumeTrue(DriverDouble.find().isPresent(), "This needs the stand-in");
    assertFalse(Arrays.equals(lstm(Precision.FP32), lstm(Precision.TF32)), "LSTM");
    assertFalse(Arrays.equals(convolution(Precision.FP32), convolution(Precision.TF32)), "conv");
  }

  private static float[] lstm(Precision precision) {
    try (var backend = open(precision)) {
      var problem = LstmProblem.whole(new LstmShape(3, 4, 5, 8, 1));
      return problem.run(new Machine(backend)).getFirst();
    }
  }

  private static float[] convolution(Precision precision) {
    try (var backend = open(precision)) {
      return convolve(backend);
    }
  }

  private static float[] convolve(CudaBackend backend) {
    var machine = new Machine(backend);
    Storage x = machine.put(KernelTrial.random(9 * 8, 1));
    Storage weight = machine.put(KernelTrial.random(8 * 8 * 2, 2));
    Storage y = backend.allocate(DType.FLOAT32, 9 * 8);
    backend.causalConv1d(new ConvShape(1, 9, 8, 8, 2, 2), x, weight, null, null, y);
    return machine.get(y);
  }

  private static CudaBackend open(Precision precision) {
    return open(precision, Implementation.CUDNN, Implementation.CUDNN);
  }

  private static CudaBackend open(Precision precision, Implementation lstm, Implementation conv) {
    var context = TestDriver.open();
    if (Cudnn.whyMissing().isPresent()) {
      context.close();
      Assumptions.abort("This needs cuDNN or its stand-in");
    }
    var options = new CudaOptions(Products.CUBLAS, lstm, conv, true, false);
    return new CudaBackend(new CudaRuntime(context, precision, options), 12_000);
  }

  /** A device's memory, which ends with the device, and its LSTM. */
  private record Machine(CudaBackend backend) implements LstmProblem.OnBackend {
    @Override
    public LstmOperations lstm() {
      return backend.lstm();
    }
  }

  @Test
  void theGatedConvolutionIsCudnnsToo() {
    DriverDouble driver =
        DriverDouble.find()
            .orElseGet(() -> Assumptions.abort("This needs the stand-in, which counts"));
    try (var backend = open(Precision.FP32)) {
      var machine = new Machine(backend);
      backend.gatedConv1d(
          new ConvShape(1, 9, 8, 8, 2, 2),
          machine.put(KernelTrial.random(9 * 8, 1)),
          machine.put(KernelTrial.random(8 * 8 * 2, 2)),
          null,
          backend.allocate(DType.FLOAT32, 9 * 8),
          backend.allocate(DType.FLOAT32, 9 * 4));

      assertEquals(0, driver.launches("conv_gated_16") + driver.launches("conv_gated_64"));
    }
  }
}
