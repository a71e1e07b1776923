package dev.impromptu.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.optim.ReduceOnPlateau.Aim;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rates expected here were computed by hand from PyTorch's rules. */
class ScheduleTest {
  private static final double EXACT = 1e-15;

  private static void assertRates(Schedule schedule, double... expected) {
    for (int step = 0; step < expected.length; step++) {
      assertEquals(expected[step], schedule.rate(step, List.of()), EXACT, "step " + step);
    }
  }

  /** The rates after no, one, two … complete epochs. */
  private static void assertRates(Schedule schedule, List<Double> measured, double... expected) {
    List<Double> sofar = new ArrayList<>();
    for (int epoch = 0; epoch < expected.length; epoch++) {
      assertEquals(expected[epoch], schedule.rate(0, sofar), EXACT, "after " + epoch);
      if (epoch < measured.size()) {
        sofar.add(measured.get(epoch));
      }
    }
  }

  @Test
  void stepsLowerTheRateByAFactorEachTime() {
    assertRates(new StepDecay(0.8, 3, 0.5), 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2);
  }

  @Test
  void aCosineWithWarmUpRisesToItsPeakAndFallsToItsFloor() {
    // cos(pi / 4) and so on at a quarter, half and three quarters of the way down.
    double high = 0.1 + 0.7 * (1 + Math.sqrt(0.5)) / 2;
    double low = 0.1 + 0.7 * (1 - Math.sqrt(0.5)) / 2;
    assertRates(new CosineDecay(0.8, 2, 6, 0.1), 0.4, 0.8, 0.8, high, 0.45, low, 0.1, 0.1, 0.1);
  }

  @Test
  void aCosineWithoutWarmUpIsPyTorchs() {
    assertRates(new CosineDecay(1, 0, 2, 0), 1, 0.5, 0, 0);
  }

  @Test
  void aPlateauIsPutUpWithForItsPatienceAndThenLowersTheRate() {
    var schedule = new ReduceOnPlateau(1, Aim.LOWER, 0.5, 1, 0, 0, 0);
    List<Double> losses = List.of(5.0, 5.0, 4.0, 4.0, 4.5, 4.0, 4.0, 3.0);
    // Bad are the 2nd, then the 4th and 5th, which lower it, then the 6th and 7th.
    assertRates(schedule, losses, 1, 1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25);
  }

  @Test
  void anAccuracyMustRise() {
    var schedule = new ReduceOnPlateau(1, Aim.HIGHER, 0.1, 0, 0, 0, 0);
    assertRates(schedule, List.of(50.0, 60.0, 60.0, 61.0, 55.0), 1, 1, 1, 0.1, 0.1, 0.01);
  }

  @Test
  void whatIsBetterByLessThanTheThresholdDoesNotCount() {
    var schedule = new ReduceOnPlateau(1, Aim.LOWER, 0.5, 0, 0.1, 0, 0);
    // 9.5 is not below 9; 8 is; 7.5 is not below 7.2.
    assertRates(schedule, List.of(10.0, 9.5, 8.0, 7.5), 1, 1, 0.5, 0.5, 0.25);
    var rising = new ReduceOnPlateau(1, Aim.HIGHER, 0.5, 0, 0.1, 0, 0);
    // 10.5 is not above 11; 12 is; 13 is not above 13.2.
    assertRates(rising, List.of(10.0, 10.5, 12.0, 13.0), 1, 1, 0.5, 0.5, 0.25);
  }

  @Test
  void duringTheCooldownNothingIsBad() {
    var schedule = new ReduceOnPlateau(1, Aim.LOWER, 0.5, 0, 0, 2, 0);
    assertRates(schedule, List.of(1.0, 1.0, 1.0, 1.0, 1.0), 1, 1, 0.5, 0.5, 0.5, 0.25);
  }

  @Test
  void theRateNeverFallsBelowTheLeastNorByNextToNothing() {
    var bounded = new ReduceOnPlateau(1, Aim.LOWER, 0.1, 0, 0, 0, 0.05);
    assertRates(bounded, List.of(1.0, 1.0, 1.0, 1.0), 1, 1, 0.1, 0.05, 0.05);
    var tiny = new ReduceOnPlateau(1e-8, Aim.LOWER, 0.5, 0, 0, 0, 0);
    assertRates(tiny, List.of(1.0, 1.0), 1e-8, 1e-8, 1e-8);
  }

  @Test
  void aPlateausDefaultsArePyTorchs() {
    assertEquals(
        new ReduceOnPlateau(1, Aim.LOWER, 0.1, 10, 1e-4, 0, 0), new ReduceOnPlateau(1, Aim.LOWER));
  }

  @Test
  void impossibleSchedulesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new StepDecay(0, 1, 0.5));
    assertThrows(IllegalArgumentException.class, () -> new StepDecay(1, 0, 0.5));
    assertThrows(IllegalArgumentException.class, () -> new CosineDecay(1, 5, 5, 0));
    assertThrows(IllegalArgumentException.class, () -> new CosineDecay(1, 0, 5, 2));
    assertThrows(
        IllegalArgumentException.class, () -> new ReduceOnPlateau(1, Aim.LOWER, 1, 0, 0, 0, 0));
  }
}
