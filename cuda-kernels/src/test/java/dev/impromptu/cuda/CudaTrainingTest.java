package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Recording;
import dev.impromptu.backend.StepValues;
import dev.impromptu.cuda.CudaOptions.Implementation;
import dev.impromptu.cuda.CudaOptions.Products;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.tensor.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whole training steps, as a user makes them, and as a graph. */
class CudaTrainingTest {
  private CudaRuntime runtime;
  private Device device;

  @BeforeEach
  void open() {
    // The pool that users have, not the exact one of the other tests.
    runtime =
        new CudaRuntime(
            TestDriver.open(),
            Precision.FP32,
            new CudaOptions(
                Products.KERNEL, Implementation.KERNEL, Implementation.KERNEL, false, false));
    device = Device.of(new CudaBackend(runtime, 12_000));
  }

  @AfterEach
  void close() {
    if (device != null) {
      device.close();
    }
  }

  @Test
  void fiveHundredStepsTakeNoMoreMemoryThanTen() {
    var training = new SmallTraining(device);
    for (int i = 0; i < 10; i++) {
      training.step();
    }
    long allocations = runtime.pool().driverAllocations();
    long inUse = runtime.pool().bytesInUse();
    for (int i = 0; i < 500; i++) {
      training.step();
    }
    training.parameters();

    assertEquals(allocations, runtime.pool().driverAllocations());
    assertEquals(inUse, runtime.pool().bytesInUse());
  }

  @Test
  void replayedStepsGiveTheBitsOfStepsThatWereTold() {
    var told = new SmallTraining(device);
    for (int i = 0; i < 6; i++) {
      told.step();
    }
    var replayed = new SmallTraining(device);
    replayed.step();
    long steps = replayed.adam().steps();
    Recording recording =
        device
            .backend()
            .record(new StepValues(steps, replayed.adam().upcoming()), replayed::step)
            .orElseThrow();
    replayed.adam().resume(steps);
    for (int i = 1; i < 6; i++) {
      recording.replay(new StepValues(replayed.adam().steps(), replayed.adam().upcoming()));
      replayed.adam().resume(replayed.adam().steps() + 1);
    }

    assertArrayEquals(told.parameters(), replayed.parameters());
    recording.close();
    replayed.step();
    told.step();
    assertArrayEquals(told.parameters(), replayed.parameters());
  }

  @Test
  void twoRunsGiveTheSameBits() {
    var one = new SmallTraining(device);
    var two = new SmallTraining(device);
    for (int i = 0; i < 5; i++) {
      one.step();
      two.step();
    }

    assertArrayEquals(one.parameters(), two.parameters());
  }
}
