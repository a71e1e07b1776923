package dev.impromptu.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The bounds that {@link ElementKernels} states. */
class FunctionsTest {
  @FunctionalInterface
  private interface FloatFunction {
    float of(float x);
  }

  @Test
  void expIsAccurate() {
    accurate(ScalarFunctions::exp, StrictMath::exp, -87.3f, 88.7f, 2e-7);
  }

  @Test
  void tanhIsAccurateEverywhereAndNearZero() {
    accurate(ScalarFunctions::tanh, StrictMath::tanh, -12f, 12f, 4e-7);
    accurate(ScalarFunctions::tanh, StrictMath::tanh, -0.01f, 0.01f, 4e-7);
    accurate(ScalarFunctions::tanh, StrictMath::tanh, -1e-30f, 1e-30f, 4e-7);
  }

  @Test
  void sigmoidIsAccurate() {
    accurate(ScalarFunctions::sigmoid, x -> 1 / (1 + StrictMath.exp(-x)), -87f, 40f, 4e-7);
  }

  private static void accurate(
      FloatFunction f, DoubleUnaryOperator exact, float from, float to, double bound) {
    int steps = 400_000;
    for (int i = 0; i <= steps; i++) {
      float x = from + (to - from) * i / steps;
      double expected = exact.applyAsDouble(x);
      double error = Math.abs(f.of(x) - expected);
      assertTrue(
          error <= bound * Math.abs(expected),
          () -> "at " + x + ": expected " + expected + " but got " + f.of(x));
    }
  }

  @Test
  void theEndsOfTheRangeAreSound() {
    float infinity = Float.POSITIVE_INFINITY;
    assertEquals(infinity, ScalarFunctions.exp(88.8f));
    assertEquals(infinity, ScalarFunctions.exp(infinity));
    assertEquals(0f, ScalarFunctions.exp(-104.5f));
    assertEquals(0f, ScalarFunctions.exp(-infinity));
    assertEquals(1f, ScalarFunctions.exp(0f));
    assertEquals(StrictMath.exp(-95), ScalarFunctions.exp(-95f), 2e-45);
    assertEquals(Float.NaN, ScalarFunctions.exp(Float.NaN));
    assertEquals(1f, ScalarFunctions.tanh(infinity));
    assertEquals(-1f, ScalarFunctions.tanh(-infinity));
    assertEquals(1f, ScalarFunctions.tanh(Float.MAX_VALUE));
    assertEquals(0f, ScalarFunctions.tanh(0f));
    assertEquals(-0f, ScalarFunctions.tanh(-0f));
    assertEquals(Float.NaN, ScalarFunctions.tanh(Float.NaN));
    assertEquals(1f, ScalarFunctions.sigmoid(infinity));
    assertEquals(0f, ScalarFunctions.sigmoid(-infinity));
    assertEquals(0.5f, ScalarFunctions.sigmoid(-0f));
    assertEquals(Float.NaN, ScalarFunctions.sigmoid(Float.NaN));
  }

  @Test
  void theVectorTwinHasTheSameEnds() {
    float[] x = {
      88.8f,
      -104.5f,
      -95f,
      0f,
      -0f,
      Float.NaN,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MIN_VALUE,
      -Float.MIN_NORMAL,
      1e-20f,
      -1e-20f,
      9.01f,
      -9.01f
    };
    int n = x.length;
    var vector = new VectorElements();
    var y = new float[n];
    vector.exp(n, 0f, x, 0, y, 0);
    same(x, y, ScalarFunctions::exp);
    vector.tanh(n, x, 0, y, 0);
    same(x, y, ScalarFunctions::tanh);
    vector.sigmoid(n, x, 0, y, 0);
    same(x, y, ScalarFunctions::sigmoid);
  }

  private static void same(float[] x, float[] y, FloatFunction f) {
    for (int i = 0; i < x.length; i++) {
      assertEquals(f.of(x[i]), y[i], "at " + x[i]);
    }
  }
}
