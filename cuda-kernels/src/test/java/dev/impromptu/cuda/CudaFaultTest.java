package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BackendUnavailableException;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.OutOfDeviceMemoryException;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Recording;
import dev.impromptu.backend.StepValues;
import dev.impromptu.cuda.driver.CudaException;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.DriverDouble;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each call that a training step makes fails once, at each of its places: the failure is told, the
 * backend works afterwards, and nothing is left behind.
 */
class CudaFaultTest {
  private static final Set<String> RETRIED = Set.of("cuMemAlloc", "cuModuleLoadDataEx");
  private static final int OUT_OF_MEMORY = 2;
  private static final int DEVICE_UNAVAILABLE = 46;
  private static final int LAUNCH_FAILED = 719;
  private static final int UNKNOWN_KERNELS = 12;

  private DriverDouble driver;
  private DriverDouble.Holdings before;
  private boolean broken;

  @BeforeEach
  void look() {
    TestDriver.open().close();
    driver = DriverDouble.find().orElse(null);
    Assumptions.assumeTrue(driver != null, "This needs the stand-in driver");
    driver.reset();
    before = driver.holdings();
  }

  @AfterEach
  void nothingIsLeft() {
    if (driver == null) {
      return;
    }
    DriverDouble.Holdings after = driver.holdings();
    driver.reset();
    assertEquals(before.contexts(), after.contexts(), "contexts");
    assertEquals(before.allocations(), after.allocations(), "allocations");
    assertEquals(before.pageLocked(), after.pageLocked(), "page-locked allocations");
    assertEquals(before.streams(), after.streams(), "streams");
    assertEquals(before.events(), after.events(), "events");
    assertEquals(before.graphs(), after.graphs(), "graphs");
    assertEquals(before.modules(), after.modules(), "modules");
    assertEquals(before.descriptors(), after.descriptors(), "descriptors");
    // A device of no use takes its handles along: destroying them would call it.
    if (!broken) {
      assertEquals(before.handles(), after.handles(), "handles");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cuMemAlloc",
        "cuMemcpyHtoDAsync",
        "cuMemcpyDtoHAsync",
        "cuMemsetD32Async",
        "cuLaunchKernel",
        "cuModuleLoadDataEx",
        "cuModuleGetFunction",
        "cuStreamSynchronize",
        "cuStreamBeginCapture",
        "cuStreamEndCapture",
        "cuGraphInstantiate",
        "cuGraphUpload",
        "cuGraphLaunch"
      })
  void anyCallMayFailOnceAtAnyPlace(String call) {
    float[] expected;
    long calls;
    try (Device device = open()) {
      long first = driver.calls(call);
      expected = train(device);
      calls = driver.calls(call) - first;
    }
    assertTrue(calls > 0, "a training step calls " + call);
    // Every place of the calls that are few, and some of the others.
    int stride = (int) Math.max(1, calls / UNKNOWN_KERNELS);
    for (int place = 0; place < calls; place += stride) {
      try (Device device = open()) {
        driver.failAfter(call, place, OUT_OF_MEMORY);
        boolean told = false;
        try {
          // What needs memory of the driver is tried once more after what is kept was freed.
          assertArrayEquals(expected, train(device));
        } catch (CudaException | OutOfDeviceMemoryException e) {
          told = true;
          assertTrue(String.valueOf(e.getMessage()).contains(call), e.getMessage());
        }
        assertEquals(0, driver.unusedOrders(), call + " was called " + place + " times");
        assertTrue(told || RETRIED.contains(call), call + " failed at " + place);
        assertArrayEquals(expected, train(device), call + " failed at " + place);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 20})
  void aKernelThatFailsEndsTheDeviceButNotTheProcess(int runs) {
    broken = true;
    float[] expected;
    try (Device device = open()) {
      expected = train(device);
    }
    try (Device device = open()) {
      driver.failKernel("", runs, LAUNCH_FAILED);
      CudaException first = assertThrows(CudaException.class, () -> train(device));
      assertEquals(LAUNCH_FAILED, first.code());
      CudaException later = assertThrows(CudaException.class, () -> train(device));
      assertTrue(
          later.getMessage().contains("of no use since an earlier failure"), later.getMessage());
    }
    try (Device device = open()) {
      assertArrayEquals(expected, train(device));
    }
  }

  @Test
  void aLostDeviceIsToldAndClosed() {
    broken = true;
    try (Device device = open()) {
      train(device);
      driver.loseDevice(DEVICE_UNAVAILABLE);
      assertThrows(CudaException.class, () -> train(device));
      assertThrows(CudaException.class, () -> train(device));
    }
    try (Device device = open()) {
      train(device);
    }
  }

  @Test
  void tooLittleMemoryIsToldWithTheScopesThatHoldIt() {
    driver.setMemory(64 << 20);
    try (Device device = open();
        var _ = Scope.open()) {
      Tensor.zeros(device, Shape.of(4 << 20));
      var e =
          assertThrows(
              OutOfDeviceMemoryException.class, () -> Tensor.zeros(device, Shape.of(64 << 20)));

      assertTrue(e.getMessage().startsWith("cuda: 256.0 MiB were asked for; 16."), e.getMessage());
      assertTrue(e.getMessage().contains("scope: 1 tensors, 16.0 MiB"), e.getMessage());
      assertTrue(e.getMessage().contains("device cuda: 0 tensors"), e.getMessage());
      assertTrue(e.getMessage().contains("--batch"), e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({"536870912, 2.0 GiB", "2147483647, 8.0 GiB"})
  void bytesOfManyElementsAreCounted(int length, String bytes) {
    driver.setMemory(64 << 20);
    try (var runtime = new CudaRuntime(TestDriver.open(), Precision.FP32)) {
      var e =
          assertThrows(
              OutOfDeviceMemoryException.class, () -> runtime.allocate(DType.FLOAT32, length));
      assertTrue(e.getMessage().startsWith("cuda: " + bytes + " were asked for"), e.getMessage());
      try (CudaStorage small = runtime.allocate(DType.FLOAT32, 2)) {
        // Told to be longer than it is, since so much memory is not to be had.
        var large = new CudaStorage(small.span(), DType.FLOAT32, Integer.MAX_VALUE);
        var outside =
            assertThrows(IndexOutOfBoundsException.class, () -> large.slice(length - 1, 1));
        assertTrue(
            String.valueOf(outside.getMessage()).contains(Long.toString(4L * (length - 1))),
            outside.getMessage());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cuDevicePrimaryCtxRetain", "cuStreamCreate", "cuMemAllocHost", "cuMemAlloc"})
  void aDeviceThatCannotBeOpenedIsUnavailable(String call) {
    driver.failNext(call, OUT_OF_MEMORY);

    var e = assertThrows(BackendUnavailableException.class, CudaFaultTest::open);

    assertTrue(e.getMessage().startsWith(call), e.getMessage());
  }

  private static Device open() {
    Backend backend = new CudaProvider().open(Precision.FP32);
    return Device.of(backend);
  }

  /** A step that is told, one that is recorded and replayed, and what was learned. */
  private static float[] train(Device device) {
    var training = new SmallTraining(device);
    training.step();
    long steps = training.optimizer().steps();
    try (Recording recording =
        device
            .backend()
            .record(new StepValues(steps, training.optimizer().upcoming()), training::step)
            .orElseThrow()) {
      training.optimizer().resume(steps);
      recording.replay(new StepValues(steps, training.optimizer().upcoming()));
      return training.parameters();
    }
  }
}
