package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.OutOfDeviceMemoryException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DevicePoolTest {
  private static final int INVALID_VALUE = 1;
  private static final int OUT_OF_MEMORY = 2;
  private static final long MIB = 1 << 20;

  private DriverContext context;
  private DevicePool pool;

  @BeforeEach
  void open() {
    context = TestDriver.open();
    pool = new DevicePool(context, false, false);
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  @Test
  void sizesAreRoundedUpByAnEighthAtMostAndLargeOnesInStepsOfTheDriver() {
    for (long bytes = 4; bytes < 300 * MIB; bytes += 1 + bytes / 7) {
      long size = DevicePool.roundUp(bytes);
      assertTrue(size >= bytes, "at least what was asked for");
      assertEquals(0, size % DevicePool.ALIGNMENT, "aligned");
      if (bytes > DevicePool.SMALL) {
        assertEquals(0, size % DevicePool.LARGE_STEP, "in large steps");
      }
      long step = bytes > DevicePool.SMALL ? DevicePool.LARGE_STEP : DevicePool.ALIGNMENT;
      assertTrue(size - bytes < Math.max(step, bytes / 8 + 1), bytes + " became " + size);
      assertEquals(size, DevicePool.roundUp(size), "a class is its own size");
    }
  }

  @Test
  void smallPiecesShareTheDriversAllocationsAndDoNotOverlap() {
    Set<Long> starts = new HashSet<>();
    List<DeviceMemory> memories = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      DeviceMemory memory = pool.allocate(4 + i % 500);
      assertEquals(0, memory.address() % DevicePool.ALIGNMENT);
      assertTrue(starts.add(memory.address()));
      memories.add(memory);
    }
    for (int i = 0; i < memories.size(); i++) {
      memories.get(i).span(0, 4).fill(i);
    }

    assertTrue(pool.driverAllocations() <= 1, pool.driverAllocations() + " allocations");
    for (int i = 0; i < memories.size(); i += 97) {
      float[] back = new float[1];
      memories.get(i).download(back);
      assertEquals(i, Float.floatToRawIntBits(back[0]));
    }
  }

  @Test
  void whatWasGivenBackIsHandedOutAgain() {
    DeviceMemory small = pool.allocate(1000);
    DeviceMemory large = pool.allocate(5 * MIB);
    long smallAddress = small.address();
    long largeAddress = large.address();
    small.close();
    large.close();

    assertEquals(smallAddress, pool.allocate(1001).address());
    assertEquals(largeAddress, pool.allocate(6 * MIB).address());
    assertEquals(2, pool.driverAllocations());
  }

  @Test
  void whatIsInUseIsNeverHandedOutAgain() {
    DeviceMemory one = pool.allocate(1000);
    assertNotEquals(one.address(), pool.allocate(1000).address());
  }

  @Test
  void theFiguresAddUp() {
    DeviceMemory small = pool.allocate(1000);
    DeviceMemory large = pool.allocate(3 * MIB);

    assertEquals(1024 + 4 * MIB, pool.bytesInUse());
    assertEquals(DevicePool.SLAB - 1024, pool.keptBytes());
    small.close();
    large.close();
    assertEquals(0, pool.bytesInUse());
    assertEquals(DevicePool.SLAB + 4 * MIB, pool.keptBytes());
    pool.trim();
    assertEquals(0, pool.keptBytes());
  }

  @Test
  void whatATrimFreedIsNotHandedOutAgain() {
    pool.allocate(1000).close();
    pool.allocate(3 * MIB).close();
    pool.trim();

    pool.allocate(1000).span().fill(0);
    pool.allocate(3 * MIB).span().fill(0);
    context.synchronize();
    assertEquals(4, pool.driverAllocations());
  }

  @Test
  void aSlabStaysWhileAPieceOfItIsInUse() {
    DeviceMemory one = pool.allocate(1000);
    pool.allocate(1000).close();
    one.upload(new float[] {42});
    pool.trim();
    float[] back = new float[1];
    one.download(back);

    assertEquals(42, back[0]);
    assertEquals(DevicePool.SLAB - 1024, pool.keptBytes());
  }

  @Test
  void whatIsKeptIsFreedBeforeMemoryIsMissing() {
    pool.allocate(3 * MIB).close();
    TestDriver.failNext("cuMemAlloc", OUT_OF_MEMORY);

    DeviceMemory memory = pool.allocate(30 * MIB);

    memory.span().fill(0);
    assertEquals(0, pool.keptBytes());
  }

  @Test
  void tooLittleMemoryIsToldInNumbers() {
    DeviceMemory held = pool.allocate(3 * MIB);
    pool.allocate(1000).close();

    var e = assertThrows(OutOfDeviceMemoryException.class, () -> pool.allocate(1L << 50));

    assertTrue(
        e.getMessage()
            .startsWith(
                "cuda: 1.0 PiB were asked for; 4.0 MiB are in use and 0 bytes kept for later use here, and the device has "),
        e.getMessage());
    assertTrue(e.getMessage().endsWith(" free"), e.getMessage());
    held.span().fill(0);
    context.synchronize();
  }

  @Test
  void memoryUsedAfterItWasGivenBackIsAnError() {
    DeviceMemory memory = pool.allocate(1000);
    DeviceSpan span = memory.span();
    memory.close();

    assertThrows(IllegalStateException.class, () -> context.arguments().add(span));
    assertThrows(IllegalStateException.class, () -> memory.upload(new float[1]));
  }

  @Test
  void memoryGivenBackTwiceIsGivenBackOnce() {
    DeviceMemory memory = pool.allocate(1000);
    memory.close();
    memory.close();

    assertNotEquals(pool.allocate(1000).address(), pool.allocate(1000).address());
  }

  @Nested
  class Exact {
    @BeforeEach
    void exact() {
      pool = new DevicePool(context, true, false);
    }

    @Test
    void everyPieceIsTheDriversOwnAndFreedAtOnce() {
      DeviceMemory memory = pool.allocate(1001);
      assertEquals(1001, pool.bytesInUse());
      assertEquals(0, pool.keptBytes());
      memory.close();

      assertEquals(0, pool.bytesInUse());
      assertEquals(0, pool.keptBytes());
      pool.allocate(1001);
      assertEquals(2, pool.driverAllocations());
    }

    @Test
    void givenBackDuringARecordingItIsFreedWhenThatIsClosed() {
      RecordedMemory recording = pool.record();
      pool.allocate(100).close();
      recording.end();
      assertEquals(100, pool.bytesInUse());
      recording.close();

      assertEquals(0, pool.bytesInUse());
    }
  }

  @Nested
  class Recorded {
    @Test
    void memoryOfARecordingIsNobodyElsesUntilItIsClosed() {
      DeviceMemory before = pool.allocate(1000);
      RecordedMemory recording = pool.record();
      DeviceMemory inside = pool.allocate(1000);
      long insideAddress = inside.address();
      inside.close();
      assertEquals(insideAddress, pool.allocate(1000).address(), "shared within the recording");
      long beforeAddress = before.address();
      before.close();
      recording.end();

      Set<Long> addresses = addresses(20);
      assertFalse(addresses.contains(insideAddress));
      assertFalse(addresses.contains(beforeAddress), "recorded work may read it");
      recording.close();
      addresses = addresses(20);
      assertTrue(addresses.contains(beforeAddress));
    }

    @Test
    void memoryGivenBackBeforeOrAfterTheRecordingIsClosedReturnsToThePool() {
      RecordedMemory recording = pool.record();
      DeviceMemory first = pool.allocate(1000);
      DeviceMemory second = pool.allocate(1000);
      recording.end();
      first.close();
      assertEquals(2048, pool.bytesInUse());
      recording.close();
      assertEquals(1024, pool.bytesInUse());
      second.close();

      assertEquals(0, pool.bytesInUse());
    }

    @Test
    void memoryOfARecordingStaysItsOwnWhereAnotherKeptItMeanwhile() {
      RecordedMemory first = pool.record();
      DeviceMemory inside = pool.allocate(1000);
      first.end();
      long address = inside.address();
      RecordedMemory second = pool.record();
      inside.close();
      second.end();
      second.close();

      assertFalse(addresses(20).contains(address), "the first can still be replayed");
      first.close();
      assertTrue(addresses(20).contains(address));
    }

    @Test
    void memoryThatTwoRecordingsUseReturnsToThePoolAfterTheLast() {
      RecordedMemory first = pool.record();
      DeviceMemory inside = pool.allocate(1000);
      first.end();
      long address = inside.address();
      RecordedMemory second = pool.record();
      inside.close();
      second.end();
      first.close();

      assertFalse(addresses(20).contains(address), "the second can still be replayed");
      second.close();
      assertTrue(addresses(20).contains(address));
    }

    private Set<Long> addresses(int count) {
      Set<Long> addresses = new HashSet<>();
      for (int i = 0; i < count; i++) {
        addresses.add(pool.allocate(1000).address());
      }
      return addresses;
    }
  }

  @Test
  void noPieceReachesBeyondItsSlabOrIntoAnother() {
    List<DeviceMemory> memories = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      // Of sizes that do not divide a slab.
      memories.add(pool.allocate(700_000 + 40_000 * (i % 7)));
      memories.get(i).span().fill(i);
    }
    for (int i = 0; i < memories.size(); i++) {
      DeviceMemory memory = memories.get(i);
      var met = new int[2];
      for (int end = 0; end < 2; end++) {
        int place = end;
        context.download(
            memory.span(end * (memory.bytes() - 4), 4),
            (staging, _, _) -> met[place] = staging.asIntBuffer().get(0));
      }
      assertArrayEquals(new int[] {i, i}, met);
    }
  }

  @Test
  void anotherFailureOfTheDriverIsNoWantOfMemory() {
    pool.allocate(3 * MIB).close();
    TestDriver.failNext("cuMemAlloc", INVALID_VALUE);

    var e = assertThrows(CudaException.class, () -> pool.allocate(30 * MIB));

    assertEquals(INVALID_VALUE, e.code());
    assertEquals(4 * MIB, pool.keptBytes(), "it is kept");
  }

  @Test
  void whatIsInUseInARecordingIsNotHandedOutAgain() {
    RecordedMemory recorded = pool.record();
    DeviceMemory first = pool.allocate(1000);
    long address = first.address();
    first.close();
    DeviceMemory second = pool.allocate(1000);
    DeviceMemory third = pool.allocate(1000);

    assertEquals(address, second.address());
    assertNotEquals(address, third.address());
    recorded.end();
    recorded.close();
  }
}
