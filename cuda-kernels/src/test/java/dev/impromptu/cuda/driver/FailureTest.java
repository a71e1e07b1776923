package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.cuda.driverdouble.DriverDouble;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Failures that leave a context of no use, and the others. */
class FailureTest {
  private static final int OUT_OF_MEMORY = 2;
  private static final int LAUNCH_FAILED = 719;
  private static final int DEVICE_UNAVAILABLE = 46;

  private DriverContext context;

  @BeforeEach
  void open() {
    context = TestDriver.openDouble();
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  @Test
  void afterAFailedKernelEveryCallTellsTheFirstFailure() {
    DeviceMemory memory = context.allocate(4);
    TestDriver.failNext("cuStreamSynchronize", LAUNCH_FAILED);
    var first = assertThrows(CudaException.class, context::synchronize);

    var later = assertThrows(CudaException.class, () -> memory.upload(new float[1]));
    var last = assertThrows(CudaException.class, () -> context.allocate(4));

    assertEquals(LAUNCH_FAILED, first.code());
    assertTrue(
        first
            .getMessage()
            .endsWith("[Impromptu driver double, of no use until it is opened again]"),
        first.getMessage());
    assertSame(first, later.getCause());
    assertSame(first, last.getCause());
    assertTrue(later.getMessage().contains(first.getMessage()), later.getMessage());
  }

  @Test
  void aBrokenContextClosesAndItsMemoryToo() {
    DeviceMemory memory = context.allocate(4);
    TestDriver.failNext("cuStreamSynchronize", LAUNCH_FAILED);
    assertThrows(CudaException.class, context::synchronize);

    assertDoesNotThrow(memory::close);
    assertDoesNotThrow(context::close);
  }

  @Test
  void afterALostDeviceAFreshContextWorks() {
    TestDriver.failNext("cuMemcpyHtoDAsync", DEVICE_UNAVAILABLE);
    DeviceMemory memory = context.allocate(4);
    assertThrows(CudaException.class, () -> memory.upload(new float[1]));
    context.close();

    context = TestDriver.openDouble();
    DeviceMemory fresh = context.allocate(4);
    fresh.upload(new float[] {3});
    float[] back = new float[1];
    fresh.download(back);

    assertEquals(3, back[0]);
  }

  @Test
  void anOrdinaryFailureLeavesTheContextUsable() {
    TestDriver.failNext("cuMemcpyHtoDAsync", OUT_OF_MEMORY);
    DeviceMemory memory = context.allocate(4);
    var e = assertThrows(CudaException.class, () -> memory.upload(new float[1]));
    assertTrue(
        e.getMessage().startsWith("cuMemcpyHtoDAsync(bytes 4 at 0 of 4): CUDA_ERROR_OUT_OF_MEMORY"),
        e.getMessage());
    assertTrue(
        e.getMessage().matches("(?s).* \\[Impromptu driver double, .* of .* free]"),
        e.getMessage());

    memory.upload(new float[] {1});
    context.synchronize();
  }

  private record Call(String name, Consumer<DriverContext> work) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Call> calls() {
    return Stream.of(
        new Call("cuCtxSetCurrent", DriverContext::synchronize),
        new Call("cuDeviceGetAttribute", DriverContext::computeCapability),
        new Call("cuMemGetInfo", DriverContext::memoryInfo),
        new Call("cuMemAlloc", c -> c.allocate(4)),
        new Call("cuMemFree", c -> c.allocate(4).close()),
        new Call("cuMemsetD32Async", c -> c.allocate(4).span().fill(0)),
        new Call("cuMemcpyDtoDAsync", c -> c.allocate(4).span().copyFrom(c.allocate(4).span())),
        new Call("cuEventCreate", DriverContext::event),
        new Call("cuEventRecord", c -> c.event().record()),
        new Call("cuEventSynchronize", c -> c.event().synchronize()),
        new Call("cuEventElapsedTime", FailureTest::measure),
        new Call("cuEventDestroy", c -> c.event().close()),
        new Call("cuModuleLoadDataEx", FailureTest::kernel),
        new Call("cuModuleUnload", c -> c.load(DriverDouble.ptx()).close()),
        new Call("cuFuncGetAttribute", c -> kernel(c).registers()),
        new Call("cuFuncSetAttribute", FailureTest::launchWithMuchSharedMemory),
        new Call("cuLaunchKernel", FailureTest::launchWithMuchSharedMemory),
        new Call("cuThreadExchangeStreamCaptureMode", c -> c.record(() -> c.allocate(4))),
        new Call("cuGraphDestroy", c -> c.record(() -> {})),
        new Call("cuGraphExecDestroy", c -> c.record(() -> {}).close()),
        new Call("cuCtxSetCurrent", DriverContext::close),
        new Call("cuStreamDestroy", DriverContext::close),
        new Call("cuMemFreeHost", DriverContext::close));
  }

  private static void measure(DriverContext context) {
    CudaEvent event = context.event();
    event.record();
    event.synchronize();
    event.millisecondsSince(event);
  }

  private static CudaFunction kernel(DriverContext context) {
    return context.load(DriverDouble.ptx("test_dynamic_shared")).function("test_dynamic_shared");
  }

  private static void launchWithMuchSharedMemory(DriverContext context) {
    launchWithSharedMemory(context, 49 << 10);
  }

  private static void launchWithSharedMemory(DriverContext context, int bytes) {
    synchronized (context) {
      KernelArguments arguments = context.arguments().add(context.allocate(4).span());
      kernel(context).launch(new LaunchShape(1, 1, 1, bytes), arguments);
    }
  }

  @ParameterizedTest
  @MethodSource("calls")
  void aCallThatFailsIsNamed(Call call) {
    TestDriver.failNext(call.name, OUT_OF_MEMORY);

    var e = assertThrows(CudaException.class, () -> call.work.accept(context));

    assertEquals(OUT_OF_MEMORY, e.code());
    assertTrue(e.getMessage().startsWith(call.name + "("), e.getMessage());
    assertTrue(e.getMessage().contains(": asked for by the test"), "the driver's own words");
    if (!context.isClosed()) {
      call.work.accept(context);
    }
  }

  @Test
  void nothingIsLeftBehindByAnOpeningThatFails() {
    context.close();
    for (String call : new String[] {"cuStreamCreate", "cuMemAllocHost"}) {
      TestDriver.failNext(call, OUT_OF_MEMORY);
      assertThrows(CudaException.class, () -> CudaDriver.load().open(0), call);
    }

    context = TestDriver.openDouble();
    assertEquals(context.memoryInfo().total(), context.memoryInfo().free());
  }

  @Test
  void whatWasLeftOpenIsFreedWithTheContext() {
    DriverContext other = CudaDriver.load().open(0);
    other.allocate(1 << 20);
    other.event();
    new DevicePool(other, false, false).allocate(1 << 20);
    other.close();

    assertEquals(context.memoryInfo().total(), context.memoryInfo().free());
  }

  @Test
  void aDownloadThatNobodyWaitedForDoesNotReachLaterUploads() {
    DeviceMemory large = context.allocate(4096);
    large.span().fill(0);
    TestDriver.failNext("cuStreamSynchronize", OUT_OF_MEMORY);
    assertThrows(CudaException.class, () -> large.download(new float[1024]));
    DeviceMemory small = context.allocate(4);
    small.upload(new float[] {5});
    float[] back = new float[1];
    small.download(back);

    assertEquals(5, back[0]);
  }

  /** Statuses after which CUDA's documentation says that the context must be destroyed. */
  @ParameterizedTest
  @ValueSource(ints = {214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 999})
  void afterAFatalStatusTheContextIsOfNoUse(int status) {
    TestDriver.failNext("cuStreamSynchronize", status);
    assertThrows(CudaException.class, context::synchronize);

    assertFalse(context.isUsable());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 200, 400, 500, 701, 801, 900})
  void afterAnotherStatusTheContextGoesOn(int status) {
    TestDriver.failNext("cuStreamSynchronize", status);
    assertThrows(CudaException.class, context::synchronize);

    assertTrue(context.isUsable());
    context.synchronize();
  }

  @Test
  void whatAKernelFailedWithIsToldAtTheEnd() {
    DriverDouble.find().orElseThrow().failKernel("test_dynamic_shared", 0, LAUNCH_FAILED);
    launchWithSharedMemory(context, 4);

    var e = assertThrows(CudaException.class, context::close);

    assertEquals(LAUNCH_FAILED, e.code());
    // Waited for before anything is freed.
    assertTrue(e.getMessage().startsWith("cuStreamSynchronize("), e.getMessage());
  }

  @Test
  void aKernelGetsMoreAndMoreSharedMemoryAndLessAgain() {
    synchronized (context) {
      CudaFunction kernel = kernel(context);
      DeviceMemory memory = context.allocate(4);
      memory.upload(new float[] {5});
      for (int kibibytes : new int[] {1, 49, 60, 50, 64, 2}) {
        kernel.launch(
            new LaunchShape(1, 1, 1, kibibytes << 10), context.arguments().add(memory.span()));
      }
      float[] back = new float[1];
      memory.download(back);
      assertEquals(5, back[0]);
    }
  }

  @Test
  void theFirstFailureOfAnEndTellsTheOthers() {
    TestDriver.failNext("cuMemFreeHost", OUT_OF_MEMORY);
    TestDriver.failNext("cuStreamDestroy", OUT_OF_MEMORY);

    var e = assertThrows(CudaException.class, context::close);

    assertTrue(e.getMessage().startsWith("cuMemFreeHost("), e.getMessage());
    assertEquals(1, e.getSuppressed().length);
    assertTrue(
        String.valueOf(e.getSuppressed()[0].getMessage()).startsWith("cuStreamDestroy("),
        e.getSuppressed()[0].getMessage());
  }

  @Test
  void theEndOfABrokenContextFailsSilently() {
    TestDriver.failNext("cuStreamSynchronize", LAUNCH_FAILED);
    assertThrows(CudaException.class, context::synchronize);
    for (String call : List.of("cuCtxSetCurrent", "cuMemFreeHost")) {
      TestDriver.failNext(call, LAUNCH_FAILED);
    }

    assertDoesNotThrow(context::close, "it was told before");
  }
}
