package dev.impromptu.cuda.driverdouble;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a kernel may do wrong, and that the double says so: the kernels are in detections.cu. */
@WithDriverDouble
class KernelFaultTest {
  private static final int ILLEGAL_ADDRESS = CUresult.CUDA_ERROR_ILLEGAL_ADDRESS;
  private static final int LAUNCH_FAILED = CUresult.CUDA_ERROR_LAUNCH_FAILED;

  private DriverDouble driver;
  private JCudaDevice device;

  @BeforeEach
  void open(DriverDouble driver) {
    this.driver = driver;
    driver.setCapability(9, 0);
    // What shows even without them.
    driver.setAccessChecks(false);
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
  void aWritePastTheEndNamesKernelAndAllocation() {
    String fault = device.fault(ILLEGAL_ADDRESS, "test_writes_at", 1, 1, device.floats(1, 2), 2);

    assertEquals(
        "kernel test_writes_at wrote 0 bytes past the end of an allocation of 8 bytes", fault);
  }

  @Test
  void aWriteBeforeTheStartNamesKernelAndAllocation() {
    String fault = device.fault(ILLEGAL_ADDRESS, "test_writes_at", 1, 1, device.floats(1, 2), -1);

    assertContains("wrote 4 bytes before an allocation of 8 bytes", fault);
  }

  @Test
  void aReadPastTheEndGivesNan() {
    CUdeviceptr y = device.floats(0);
    JCudaDevice.check(device.launch("test_reads_at", 1, 1, device.floats(1, 2), y, 2L));

    assertTrue(Float.isNaN(device.readFloats(y, 1)[0]));
  }

  @Test
  void aReadFarAwayIsAFaultAndNotTheEndOfTheProcess() {
    String fault =
        device.fault(
            ILLEGAL_ADDRESS, "test_reads_at", 1, 1, device.floats(1), device.floats(1), 1L << 44);

    assertContains("kernel test_reads_at, block (0, 0, 0), thread (0, 0, 0): touched", fault);
    assertContains("which is no device memory", fault);
  }

  @Test
  void memoryThatNothingWroteIsNan() {
    CUdeviceptr x = device.allocate(12);
    JCudaDevice.check(device.launch("test_add_one", 1, 2, x, 2));

    for (float value : device.readFloats(x, 3)) {
      assertTrue(Float.isNaN(value));
    }
  }

  @Test
  void aMissingBarrierShowsInTheResult() {
    float[] x = new float[64];
    Arrays.fill(x, 1);
    CUdeviceptr y = device.allocate(256);
    JCudaDevice.check(device.launch("test_missing_barrier", 1, 64, device.floats(x), y));

    assertTrue(
        Float.isNaN(device.readFloats(y, 64)[0]), "thread 0 read what thread 63 had not written");
  }

  @Test
  void aRaceThatTheAscendingOrderHidesShowsInAnother() {
    float[] x = new float[64];
    CUdeviceptr input = device.floats(x);
    float[] ascending = missingSecondBarrier(input, 0);
    float[] expected = new float[64];
    Arrays.fill(expected, 0 + 1 + 2 + 3);
    expected[63] = 0;

    assertArrayEquals(expected, ascending);
    for (long seed = 1; seed <= 3; seed++) {
      assertFalse(Arrays.equals(expected, missingSecondBarrier(input, seed)), "seed " + seed);
    }
  }

  private float[] missingSecondBarrier(CUdeviceptr x, long seed) {
    driver.setSchedule(seed);
    CUdeviceptr y = device.allocate(256);
    JCudaDevice.check(device.launch("test_missing_second_barrier", 1, 64, x, y, 4));
    return device.readFloats(y, 64);
  }

  @Test
  void theSameScheduleGivesTheSameOrder() {
    CUdeviceptr x = device.floats(new float[64]);

    assertArrayEquals(missingSecondBarrier(x, 1), missingSecondBarrier(x, 1));
  }

  @Test
  void aBarrierThatHalfOfTheThreadsReachIsNamed() {
    String fault = device.fault(LAUNCH_FAILED, "test_half_a_barrier", 1, 64, device.allocate(256));

    assertContains(
        "kernel test_half_a_barrier, block (0, 0, 0), thread (0, 0, 0): waits at __syncthreads"
            + " (detections.cu:",
        fault);
    assertContains(
        "with 32 of the 64 threads of its block, but thread (32, 0, 0) has ended", fault);
  }

  @Test
  void aBarrierInEachArmOfABranchIsNamed() {
    String fault = device.fault(LAUNCH_FAILED, "test_two_barriers", 1, 64, device.allocate(256));

    assertContains("thread (32, 0, 0): waits at __syncthreads (detections.cu:", fault);
    assertContains("but thread (0, 0, 0) of its block at another (detections.cu:", fault);
  }

  @Test
  void aShuffleThatHalfOfTheWarpReachesIsNamed() {
    String fault =
        device.fault(LAUNCH_FAILED, "test_diverged_shuffle", 1, 32, device.ints(new int[32]));

    assertContains("waits at __shfl_xor_sync (detections.cu:", fault);
    assertContains("with 16 of the 32 threads of its warp", fault);
    assertContains("but thread (16, 0, 0) waits at __syncthreads (detections.cu:", fault);
  }

  @Test
  void differentShufflesOfOneWarpAreNamed() {
    String fault =
        device.fault(LAUNCH_FAILED, "test_two_shuffles", 1, 32, device.ints(new int[32]));

    assertContains("thread (16, 0, 0): is at __shfl_xor_sync (detections.cu:", fault);
    assertContains("the warp has diverged", fault);
  }

  @Test
  void aShuffleFromALaneThatEndedIsNamed() {
    String fault =
        device.fault(LAUNCH_FAILED, "test_shuffle_of_ended_lane", 1, 32, device.ints(new int[32]));

    assertContains("thread (4, 0, 0): __shfl_xor_sync", fault);
    assertContains("reads lane 5, which has ended", fault);
  }

  @Test
  void aShuffleFromALaneThatIsNotThereIsNamed() {
    String fault =
        device.fault(
            LAUNCH_FAILED, "test_exchanges", 1, 3, device.ints(1, 2, 3), device.allocate(768));

    assertContains("reads lane 3, which is not in the block", fault);
  }

  @Test
  void aWriteOutOfASharedArrayIsNamed() {
    String fault =
        device.fault(ILLEGAL_ADDRESS, "test_shared_out_of_bounds", 1, 1, device.floats(1), 11);

    assertEquals(
        "kernel test_shared_out_of_bounds, block (0, 0, 0): a write 4 bytes past the end of the"
            + " shared array narrow (40 bytes)",
        fault);
  }

  @Test
  void sharedMemoryThatNothingWroteIsNanInEveryBlock() {
    CUdeviceptr x = device.allocate(256);
    JCudaDevice.check(device.launch("test_unwritten_shared", 3, 64, x));
    float[] values = device.readFloats(x, 64);

    for (int i = 0; i < 64; i++) {
      assertEquals(i == 7 ? Float.NaN : 1, values[i]);
    }
  }

  @Test
  void theSharedMemoryOfABlockThatEndedIsGone() {
    String fault =
        device.fault(ILLEGAL_ADDRESS, "test_cluster_ends_early", 2, 32, device.allocate(256));

    assertContains(
        "block (0, 0, 0), thread (0, 0, 0): touched the shared memory of the block", fault);
    assertContains("of rank 1, which has ended", fault);
  }

  @Test
  void aRankOutsideOfTheClusterIsNamed() {
    String fault =
        device.fault(
            ILLEGAL_ADDRESS, "test_cluster_rank_out_of_range", 2, 32, device.allocate(256));

    assertContains("rank 2 of a cluster of 2 blocks", fault);
  }

  @Test
  void aClusterBarrierThatOneBlockDoesNotReachIsNamed() {
    String fault =
        device.fault(LAUNCH_FAILED, "test_half_a_cluster_barrier", 2, 32, device.allocate(256));

    assertContains("waits at cluster_sync (detections.cu:", fault);
    assertContains("with 32 of the 64 threads of its cluster", fault);
    assertContains("but thread (0, 0, 0) of block (1, 0, 0) has ended", fault);
  }

  @Test
  void aSignalWhoseBytesNeverComeIsNamed() {
    String fault =
        device.fault(
            LAUNCH_FAILED, "test_signal_of_a_byte_too_many", 8, 32, device.allocate(8 * 128));

    assertContains("waits at signal_wait (detections.cu:", fault);
    assertContains("and 1 bytes of its round are never sent", fault);
  }

  @Test
  void aSignalIsBegunBeforeItsUse() {
    assertContains(
        "the signal was not begun",
        device.fault(LAUNCH_FAILED, "test_signal_not_begun", 2, 32, device.allocate(256)));
  }

  @Test
  void aSignalExpectsOnceARound() {
    assertContains(
        "the signal's round is not over yet",
        device.fault(LAUNCH_FAILED, "test_signal_expected_twice", 2, 32, device.allocate(256)));
  }

  @Test
  void aKernelThatNeverEndsIsEnded() {
    driver.setWatchdog(Duration.ofMillis(200));

    String fault =
        device.fault(CUresult.CUDA_ERROR_LAUNCH_TIMEOUT, "test_endless", 1, 32, device.ints(0));

    assertContains(
        "kernel test_endless, block (0, 0, 0), thread (0, 0, 0): the kernel still", fault);
  }

  @Test
  void aKernelThatWaitsForEverIsEnded() {
    driver.setWatchdog(Duration.ofMillis(200));

    String fault =
        device.fault(
            CUresult.CUDA_ERROR_LAUNCH_TIMEOUT, "test_endless_barriers", 1, 32, device.ints(0));

    assertContains("kernel test_endless_barriers", fault);
  }

  @Test
  void aDivisionByZeroIsNamed() {
    String fault = device.fault(LAUNCH_FAILED, "test_divides", 1, 1, device.ints(1, 2), 0);

    assertContains("an integer division by zero", fault);
  }

  @Test
  void aTrapIsNamed() {
    assertContains(
        "__trap (detections.cu:", device.fault(LAUNCH_FAILED, "test_traps", 1, 1, device.ints(1)));
  }

  @Test
  void tooManyLocalVariablesAreNamed() {
    String fault = device.fault(LAUNCH_FAILED, "test_much_local_memory", 1, 1, device.floats(1), 0);

    assertContains("its local variables take more room than the double gives a thread", fault);
  }

  @Test
  void aFaultStaysUntilTheContextEnds() {
    device.fault(LAUNCH_FAILED, "test_traps", 1, 1, device.ints(1));

    assertEquals(LAUNCH_FAILED, JCudaDriver.cuMemAlloc(new CUdeviceptr(), 4));
    device.close();
    device = new JCudaDevice();
    CUdeviceptr x = device.floats(1);
    JCudaDevice.check(device.launch("test_add_one", 1, 1, x, 1));

    assertEquals(2, device.readFloats(x, 1)[0]);
  }
}
