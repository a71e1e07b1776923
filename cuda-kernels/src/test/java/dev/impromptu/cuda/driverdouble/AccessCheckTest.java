package dev.impromptu.cuda.driverdouble;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the double sees because it looks at each access: the kernels are in detections.cu. */
@WithDriverDouble
class AccessCheckTest {
  private static final int ILLEGAL_ADDRESS = CUresult.CUDA_ERROR_ILLEGAL_ADDRESS;
  private static final int MISALIGNED_ADDRESS = CUresult.CUDA_ERROR_MISALIGNED_ADDRESS;

  private DriverDouble driver;
  private JCudaDevice device;

  @BeforeEach
  void open(DriverDouble driver) {
    this.driver = driver;
    driver.setCapability(9, 0);
    device = new JCudaDevice();
  }

  @AfterEach
  void close() {
    if (device != null) {
      device.close();
    }
  }

  private static void assertContains(String part, String whole) {
    assertTrue(whole.contains(part), whole);
  }

  @Test
  void aReadPastTheEndIsNamed() {
    String fault =
        device.fault(
            ILLEGAL_ADDRESS, "test_reads_at", 1, 1, device.floats(1, 2), device.floats(0), 2L);

    assertContains("block (0, 0, 0), thread (0, 0, 0): reads 4 bytes at address 0x", fault);
    assertContains("0 bytes past the end of an allocation of 8 bytes", fault);
  }

  @Test
  void aReadBeforeTheStartIsNamed() {
    assertContains(
        "reads 4 bytes at address 0x",
        device.fault(
            ILLEGAL_ADDRESS, "test_reads_at", 1, 1, device.floats(1, 2), device.floats(0), -1L));
  }

  @Test
  void aWriteIntoFreedMemoryIsNamed() {
    CUdeviceptr x = device.floats(1, 2);
    CUdeviceptr table = device.allocate(8);
    JCudaDevice.check(device.launch("test_address_of", 1, 1, x, table));
    device.free(x);

    assertContains(
        "offset 0 of an allocation of 8 bytes that was freed",
        device.fault(ILLEGAL_ADDRESS, "test_writes_through", 1, 1, table));
  }

  @Test
  void aPlaceBetweenSharedArraysIsNamed() {
    assertEquals(
        "kernel test_shared_out_of_bounds, block (0, 0, 0), thread (0, 0, 0): writes 4 bytes of"
            + " shared memory 4 bytes past the end of the array narrow of 40 bytes",
        device.fault(ILLEGAL_ADDRESS, "test_shared_out_of_bounds", 1, 1, device.floats(1), 11));
  }

  @Test
  void anIndexOutOfALocalArrayIsNamed() {
    assertContains(
        "an index out of the bounds of a local array: 4",
        device.fault(ILLEGAL_ADDRESS, "test_local_array", 1, 1, device.floats(1), 4));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void sixteenBytesBeginAtAMultipleOfSixteen(int first) {
    CUdeviceptr x = device.floats(1, 2, 3, 4, 5, 6, 7, 8);
    CUdeviceptr y = device.allocate(4);
    JCudaDevice.check(device.launch("test_reads_four_at", 1, 1, x, y, 4));
    assertEquals(13, device.readFloats(y, 1)[0]);

    String fault = device.fault(MISALIGNED_ADDRESS, "test_reads_four_at", 1, 1, x, y, first);

    assertContains("kernel test_reads_four_at, block (0, 0, 0), thread (0, 0, 0): takes", fault);
    assertContains("offset " + 4 * first + " of an allocation of 32 bytes", fault);
    assertContains("float4', which begins at a multiple of 16 bytes", fault);
  }

  @Test
  void sixteenBytesAreWrittenAtAMultipleOfSixteenToo() {
    CUdeviceptr y = device.allocate(32);

    assertContains(
        "which begins at a multiple of 16 bytes",
        device.fault(MISALIGNED_ADDRESS, "test_writes_four_at", 1, 1, y, 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void aMissingBarrierIsNamedInEveryOrderOfThreads(long schedule) {
    driver.setSchedule(schedule);
    String fault =
        device.fault(
            ILLEGAL_ADDRESS,
            "test_missing_barrier",
            1,
            64,
            device.floats(new float[64]),
            device.allocate(256));

    assertContains("of the array part of 256 bytes, which thread (", fault);
    assertContains("with no barrier between", fault);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void aMissingBarrierAtTheEndOfARoundIsToo(long schedule) {
    driver.setSchedule(schedule);
    String fault =
        device.fault(
            ILLEGAL_ADDRESS,
            "test_missing_second_barrier",
            1,
            64,
            device.floats(new float[64]),
            device.allocate(256),
            2);

    assertContains("with no barrier between", fault);
  }

  @Test
  void aBarrierOfTheWarpOrdersItsOwnLanesAlone() {
    CUdeviceptr x = device.floats(new float[64]);
    CUdeviceptr y = device.allocate(256);
    JCudaDevice.check(device.launch("test_warp_barrier", 1, 64, x, y, 31));
    assertEquals(0, device.readFloats(y, 64)[63]);

    assertContains(
        "with no barrier between",
        device.fault(ILLEGAL_ADDRESS, "test_warp_barrier", 1, 64, x, y, 32));
  }

  @Test
  void aShuffleIsNoBarrierForMemory() {
    assertContains(
        "with no barrier between",
        device.fault(
            ILLEGAL_ADDRESS,
            "test_shuffle_for_a_barrier",
            1,
            32,
            device.floats(new float[32]),
            device.allocate(128)));
  }

  @Test
  void aBarrierOfTheBlockIsNoneForItsCluster() {
    assertEquals(
        "kernel test_block_barrier_for_a_cluster, block (0, 0, 0), thread (0, 0, 0): reads byte 0"
            + " of the array held of 128 bytes, which thread (0, 0, 0) of block (1, 0, 0) wrote"
            + " with no barrier between",
        device.fault(
            ILLEGAL_ADDRESS, "test_block_barrier_for_a_cluster", 2, 32, device.allocate(128)));
  }

  @Test
  void whatWasSentIsNotReadBeforeItsSignal() {
    assertContains(
        "with no barrier between",
        device.fault(
            ILLEGAL_ADDRESS, "test_signal_not_waited_for", 8, 32, device.allocate(8 * 128)));
  }

  @Test
  void nothingIsSentToWhereOthersStillRead() {
    String fault =
        device.fault(
            ILLEGAL_ADDRESS, "test_signals_with_one_copy", 8, 32, device.allocate(8 * 128));

    assertContains("of the array held of 2048 bytes", fault);
    assertContains("with no barrier between", fault);
  }

  @Test
  void anotherBlockIsNotTouchedBeforeItIsKnownToRun() {
    assertContains(
        "writes 4 bytes of the shared memory of the block of rank 1, of which no cluster_sync has"
            + " told that it runs",
        device.fault(ILLEGAL_ADDRESS, "test_block_that_may_not_run", 2, 32, device.allocate(128)));
  }
}
