package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Recording;
import dev.impromptu.backend.StepValues;
import dev.impromptu.backend.reference.ReferenceBackend;
import dev.impromptu.cuda.CudaOptions.Implementation;
import dev.impromptu.cuda.CudaOptions.Products;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.optim.AdamW;
import dev.impromptu.optim.Optimizer;
import dev.impromptu.optim.ParameterGroup;
import dev.impromptu.optim.RMSProp;
import dev.impromptu.optim.SGD;
import dev.impromptu.tensor.Device;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

  /** Dampening and decay make the first step, or every one, another than the recorded one. */
  private static Stream<Function<Module, Optimizer>> optimizers() {
    ParameterGroup bias = new ParameterGroup(name -> name.equals("bias"), 0.5, 0);
    return Stream.of(
        layer -> new Adam(layer, 1e-2, 1),
        layer ->
            new Adam(
                layer,
                Adam.Settings.of(1e-2).withBetas(0.5, 0.9).withMaxNorm(0.5),
                ParameterGroup.frozen(name -> name.equals("bias"))),
        layer -> new AdamW(layer, AdamW.Settings.of(1e-2).withWeightDecay(0.5), bias),
        layer -> new SGD(layer, SGD.Settings.of(1e-2)),
        layer -> new SGD(layer, SGD.Settings.of(1e-2).withMomentum(0.9).withDampening(0.5), bias),
        layer -> new SGD(layer, SGD.Settings.of(1e-2).withNesterov(0.9).withMaxNorm(1)),
        layer -> new RMSProp(layer, RMSProp.Settings.of(1e-2), bias),
        layer -> new RMSProp(layer, RMSProp.Settings.of(1e-2).withMomentum(0.9).withCentering()));
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void replayedStepsGiveTheBitsOfStepsThatWereTold(Function<Module, Optimizer> making) {
    var told = new SmallTraining(device, making);
    var replayed = new SmallTraining(device, making);
    replayed.step();
    Optimizer optimizer = replayed.optimizer();
    long steps = optimizer.steps();
    Recording recording =
        device
            .backend()
            .record(new StepValues(steps, optimizer.upcoming()), replayed::step)
            .orElseThrow();
    optimizer.resume(steps);
    told.step();
    for (int i = 1; i < 6; i++) {
      // As a schedule does it.
      told.optimizer().learningRate(1e-2 / i);
      told.step();
      optimizer.learningRate(1e-2 / i);
      recording.replay(new StepValues(optimizer.steps(), optimizer.upcoming()));
      optimizer.resume(optimizer.steps() + 1);
    }

    assertArrayEquals(told.parameters(), replayed.parameters());
    // What both had wrong, such as the rate of a group, would be the same bits.
    assertArrayEquals(onTheReference(making), told.parameters(), 1e-5f);
    recording.close();
    replayed.step();
    told.step();
    assertArrayEquals(told.parameters(), replayed.parameters());
  }

  /** The parameters after the steps above. */
  private static float[] onTheReference(Function<Module, Optimizer> making) {
    try (Device reference = Device.of(new ReferenceBackend())) {
      var training = new SmallTraining(reference, making);
      training.step();
      for (int i = 1; i < 6; i++) {
        training.optimizer().learningRate(1e-2 / i);
        training.step();
      }
      return training.parameters();
    }
  }

  @Test
  void aFrozenBiasStaysAndTheWeightMoves() {
    var training =
        new SmallTraining(
            device,
            layer ->
                new Adam(
                    layer,
                    Adam.Settings.of(1e-2),
                    ParameterGroup.frozen(name -> name.equals("bias"))));
    float[] before = training.parameters();
    training.step();
    float[] after = training.parameters();

    for (int i = 0; i < before.length; i++) {
      assertEquals(i < SmallTraining.WEIGHTS, before[i] != after[i], "parameter " + i);
    }
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
