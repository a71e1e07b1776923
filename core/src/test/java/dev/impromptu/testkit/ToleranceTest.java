package dev.impromptu.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ToleranceTest {
  private static final double NAN = Double.NaN;
  private static final double INFINITE = Double.POSITIVE_INFINITY;

  private static void passes(double[] met, double... expected) {
    Tolerance.requireClose("x", met, expected, 1e-6);
  }

  private static String fails(double[] met, double... expected) {
    return assertThrows(AssertionError.class, () -> passes(met, expected)).getMessage();
  }

  @Test
  void theWorstElementIsNamedWithBothValues() {
    assertEquals(
        "x: element 1 is 2.10000000, expected 2.00000000; off by 0.100, allowed 2.00e-06",
        fails(new double[] {1.01, 2.1}, 1, 2));
  }

  @Test
  void whatIsNotFiniteMustBeEqual() {
    passes(new double[] {NAN, INFINITE, 1}, NAN, INFINITE, 1);
    fails(new double[] {0, 1}, NAN, 1);
    fails(new double[] {NAN, 1}, 0, 1);
    fails(new double[] {1e300, 1}, INFINITE, 1);
    fails(new double[] {INFINITE, 5}, INFINITE, 1);
    fails(new double[] {NAN, 5}, NAN, 1);
  }

  @Test
  void arraysOfAnotherLengthDiffer() {
    fails(new double[] {1}, 1, 2);
  }
}
