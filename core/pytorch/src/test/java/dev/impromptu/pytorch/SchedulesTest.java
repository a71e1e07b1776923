package dev.impromptu.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.optim.ReduceOnPlateau;
import dev.impromptu.optim.ReduceOnPlateau.Aim;
import dev.impromptu.optim.Schedule;
import dev.impromptu.optim.StepDecay;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.ReduceLROnPlateauScheduler;
import org.bytedeco.pytorch.ReduceLROnPlateauScheduler.SchedulerMode;
import org.bytedeco.pytorch.ReduceLROnPlateauScheduler.ThresholdMode;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.StepLR;
import org.junit.jupiter.api.Test;

/** Schedules of the learning rate that PyTorch's C++ library has too. */
class SchedulesTest {
  /** PyTorch keeps a factor in 32 bits. */
  private static final double EXACT = 1e-7;

  private static SGD optimizer(double rate) {
    return new SGD(new LinearImpl(1, 1).parameters(), new SGDOptions(rate));
  }

  private static double rate(SGD optimizer) {
    return optimizer.param_groups().get(0).options().get_lr();
  }

  @Test
  void stepsLowerTheRateWhenPyTorchsDo() {
    try (var _ = new PointerScope()) {
      SGD optimizer = optimizer(0.8);
      var theirs = new StepLR(optimizer, 3, 0.5);
      // As the constructor in Python does; the one in C++ does not, and is a step late.
      theirs.step();
      var ours = new StepDecay(0.8, 3, 0.5);
      for (int step = 0; step < 12; step++) {
        assertEquals(rate(optimizer), ours.rate(step, List.of()), EXACT, "step " + step);
        theirs.step();
      }
    }
  }

  @Test
  void aPlateauLowersTheRateWhenPyTorchsDoes() {
    try (var _ = new PointerScope()) {
      SGD optimizer = optimizer(1);
      var theirs = new ReduceLROnPlateauScheduler(optimizer);
      follow(new ReduceOnPlateau(1, Aim.LOWER), theirs, optimizer, 40);
    }
  }

  @Test
  void aPlateauOfAnAccuracyWithEveryChoiceDoesToo() {
    try (var _ = new PointerScope()) {
      SGD optimizer = optimizer(1);
      var theirs =
          new ReduceLROnPlateauScheduler(
              optimizer,
              SchedulerMode.max,
              0.5f,
              1,
              0.05,
              ThresholdMode.rel,
              2,
              new float[] {0.05f},
              1e-8,
              false);
      follow(new ReduceOnPlateau(1, Aim.HIGHER, 0.5, 1, 0.05, 2, 0.05), theirs, optimizer, 40);
    }
  }

  /** Values that rise, fall and stay. */
  private static void follow(
      Schedule ours, ReduceLROnPlateauScheduler theirs, SGD optimizer, int epochs) {
    List<Double> measured = new ArrayList<>();
    for (int epoch = 0; epoch < epochs; epoch++) {
      double value = (float) (3 + Math.sin(epoch * 0.7) / (1 + epoch));
      measured.add(value);
      theirs.step((float) value);
      assertEquals(rate(optimizer), ours.rate(0, measured), EXACT, "after epoch " + epoch);
    }
  }
}
