package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
}
