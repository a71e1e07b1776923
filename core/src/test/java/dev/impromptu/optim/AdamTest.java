package dev.impromptu.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.nn.Module;
import dev.impromptu.nn.Parameter;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import org.junit.jupiter.api.Test;

class AdamTest {
  private static final Device DEVICE = Device.reference();

  @Test
  void theDefaultsAreThoseOfPyTorch() {
    assertEquals(0.9, Adam.BETA1);
    assertEquals(0.999, Adam.BETA2);
    assertEquals(1e-8, Adam.EPSILON);
  }

  @Test
  void theFirstStepsFollowThePaper() {
    var parameter = new Parameter(Tensor.parameter(DEVICE, Shape.of(2), 1f, -2f));
    Module model = visitor -> visitor.parameter("weight", parameter);
    var adam = new Adam(model, 0.1);
    double[] value = {1, -2};
    double[] mean = new double[2];
    double[] variance = new double[2];
    for (int step = 1; step <= 5; step++) {
      try (var _ = Scope.open()) {
        Tensor weight = parameter.value();
        adam.step(weight.times(weight).sum().backward());
      }
      for (int i = 0; i < 2; i++) {
        double gradient = 2 * value[i];
        mean[i] = 0.9 * mean[i] + 0.1 * gradient;
        variance[i] = 0.999 * variance[i] + 0.001 * gradient * gradient;
        double meanHat = mean[i] / (1 - Math.pow(0.9, step));
        double varianceHat = variance[i] / (1 - Math.pow(0.999, step));
        value[i] -= 0.1 * meanHat / (Math.sqrt(varianceHat) + 1e-8);
      }
      assertArrayEquals(value, parameter.value().toDoubleArray(), 1e-12, "step " + step);
    }
    assertEquals(5, adam.steps());
  }

  @Test
  void aLongGradientIsShortenedToTheNormAllowed() {
    var free = new Parameter(Tensor.parameter(DEVICE, Shape.of(2), 3f, -4f));
    var limited = new Parameter(Tensor.parameter(DEVICE, Shape.of(2), 3f, -4f));
    var adam = new Adam(visitor -> visitor.parameter("weight", limited), 0.1, 2.5);
    var twin = new Adam(visitor -> visitor.parameter("weight", free), 0.1);
    for (int step = 0; step < 3; step++) {
      try (var _ = Scope.open()) {
        Tensor weight = limited.value();
        double length = Math.hypot(weight.toDoubleArray()[0], weight.toDoubleArray()[1]);
        adam.step(weight.times(weight).times(0.5).sum().backward());
        assertEquals(length, adam.gradientNorm(), 1e-12);
        double factor = Math.min(1, 2.5 / (length + 1e-6));
        Tensor same = free.value();
        twin.step(
            same.times(Tensor.of(DEVICE, Shape.of(2), same.toDoubleArray()))
                .times(factor)
                .sum()
                .backward());
      }
      assertArrayEquals(free.value().toDoubleArray(), limited.value().toDoubleArray(), 1e-12);
    }
  }

  @Test
  void theNormIsKnownOnlyWhereItIsLimited() {
    Module model =
        visitor -> visitor.parameter("w", new Parameter(Tensor.parameter(DEVICE, Shape.of(1), 1f)));
    assertThrows(IllegalStateException.class, () -> new Adam(model, 0.1).gradientNorm());
    assertThrows(IllegalArgumentException.class, () -> new Adam(model, 0.1, 0));
  }

  @Test
  void aModelWithoutParametersIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Adam(visitor -> {}, 0.1));
  }

  @Test
  void aLearningRateOfZeroIsRefused() {
    Module model =
        visitor -> visitor.parameter("w", new Parameter(Tensor.parameter(DEVICE, Shape.of(1), 1f)));
    assertThrows(IllegalArgumentException.class, () -> new Adam(model, 0));
  }
}
