package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.impromptu.cuda.driverdouble.DriverDouble;
import dev.impromptu.cuda.driverdouble.WithDriverDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** What holds on every driver, the stand-in and a real one. */
@WithDriverDouble
class DriverTest {
  private DriverContext context;

  @BeforeEach
  void open(TestReporter reporter) {
    context = TestDriver.open();
    reporter.publishEntry("device", context.deviceName());
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  @Test
  void theDriverSaysWhatItIs() {
    assertTrue(CudaDriver.load().version() >= 12000);
    assertTrue(CudaDriver.load().deviceCount() >= 1);
    assertTrue(context.computeCapability() >= 75);
    assertTrue(context.multiprocessors() >= 1);
  }

  @Test
  void whatWasUploadedComesBack() {
    // More than one piece of staging memory, and no multiple of it.
    float[] values = new float[DriverContext.STAGING_BYTES / Float.BYTES * 2 + 7];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    float[] back = new float[values.length];
    try (DeviceMemory memory = context.allocate((long) Float.BYTES * values.length)) {
      memory.upload(values);
      memory.download(back);
    }

    assertArrayEquals(values, back);
  }

  @Test
  void anotherThreadMayUseTheContext() throws InterruptedException {
    float[] back = new float[1];
    try (DeviceMemory memory = context.allocate(4)) {
      Thread.ofPlatform().start(() -> memory.upload(new float[] {42})).join();
      memory.download(back);
    }

    assertEquals(42, back[0]);
  }

  @Test
  void moreMemoryThanThereIsIsAnError() {
    var e = assertThrows(CudaException.class, () -> context.allocate(1L << 50));

    assertTrue(
        e.getMessage()
            .startsWith("cuMemAlloc(bytes 1125899906842624): CUDA_ERROR_OUT_OF_MEMORY (2)"),
        e.getMessage());
  }

  @Test
  void aCopyLargerThanTheMemoryIsAnError() {
    try (DeviceMemory memory = context.allocate(12)) {
      assertThrows(IndexOutOfBoundsException.class, () -> memory.upload(new float[4]));
      assertThrows(IndexOutOfBoundsException.class, () -> memory.download(new float[4]));
    }
  }

  @Test
  void memoryIsFreedOnceAndThenRefused() {
    DeviceMemory memory = context.allocate(12);
    memory.close();
    memory.close();

    var e = assertThrows(IllegalStateException.class, () -> memory.upload(new float[1]));

    assertEquals("CUDA: these 12 bytes were freed", e.getMessage());
  }

  @Test
  void anUnknownKernelIsNamed() {
    try (CudaModule module = context.load(".version 6.4\n.target sm_75\n.address_size 64\n")) {
      var e = assertThrows(CudaException.class, () -> module.function("nonesuch"));

      assertTrue(
          e.getMessage().startsWith("cuModuleGetFunction(nonesuch): CUDA_ERROR_NOT_FOUND (500)"),
          e.getMessage());
    }
  }

  @Test
  void theDeviceSaysHowMuchMemoryItHasAndHowMuchOfItIsFree() {
    MemoryInfo before = context.memoryInfo();
    try (DeviceMemory _ = context.allocate(64 << 20)) {
      assertEquals(before.total(), context.memoryInfo().total());
      assertTrue(context.memoryInfo().free() < before.free(), "less is free now");
    }
  }

  @Test
  void copiesAreOfOneLength() {
    try (DeviceMemory small = context.allocate(8);
        DeviceMemory large = context.allocate(12)) {
      for (var pair : new DeviceMemory[][] {{small, large}, {large, small}}) {
        var e =
            assertThrows(
                IllegalArgumentException.class, () -> pair[0].span().copyFrom(pair[1].span()));
        assertTrue(e.getMessage().contains("two runs of one length"), e.getMessage());
      }
    }
  }

  @Test
  void aPartOfAPartLiesWhereBothSay() {
    try (DeviceMemory memory = context.allocate(16)) {
      memory.upload(new float[] {1, 2, 3, 4});
      memory.span(4, 12).slice(4, 8).slice(4, 4).fill(Float.floatToRawIntBits(7));
      float[] back = new float[4];
      memory.download(back);

      assertArrayEquals(new float[] {1, 2, 3, 7}, back);
    }
  }

  @Test
  void anEndTakesAlongWhatWasMadeInItAndNothingElse() {
    DriverDouble driver = DriverDouble.find().orElse(null);
    assumeTrue(driver != null, "This needs the stand-in, which counts");
    DeviceMemory kept = context.allocate(4);
    kept.upload(new float[] {3});
    DriverDouble.Holdings before = driver.holdings();
    DriverContext other = CudaDriver.load().open(0);
    other.allocate(1000).span().fill(0);
    other.event().record();
    other.load(DriverDouble.ptx());
    other.record(() -> {});
    other.close();

    assertEquals(before, driver.holdings());
    float[] back = new float[1];
    kept.download(back);
    assertEquals(3, back[0]);
  }
}
