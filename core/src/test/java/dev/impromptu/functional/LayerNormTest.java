package dev.impromptu.functional;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import org.junit.jupiter.api.Test;

class LayerNormTest {
  private final Device device = Device.named("reference");

  private Tensor ones(int... shape) {
    return Tensor.full(device, Shape.of(shape), 1);
  }

  @Test
  void anyNumberOfAxesStandsBeforeTheRow() {
    try (var _ = Scope.open()) {
      double[] values = {1, 3, 5, -5, 0, 4};
      double[] expected = {-1, 1, 1, -1, -1, 1};
      for (Shape shape : new Shape[] {Shape.of(3, 2), Shape.of(1, 3, 1, 2)}) {
        Tensor y = LayerNorm.layerNorm(Tensor.of(device, shape, values), ones(2), ones(2), 0);
        assertEquals(shape, y.shape());
        assertArrayEquals(expected, y.minus(1).toDoubleArray(), 1e-15);
      }
    }
  }

  @Test
  void anInputThatNeedsNoGradientGetsNone() {
    try (var _ = Scope.open()) {
      Tensor x = Tensor.of(device, Shape.of(2, 2), 1, 3, 9, 5);
      Tensor weight = ones(2).tracked();
      Tensor bias = ones(2).tracked();
      var gradients = LayerNorm.layerNorm(x, weight, bias, 0).square().sum().backward();
      assertFalse(gradients.find(x).isPresent());
      assertArrayEquals(new double[] {4, 4}, gradients.of(weight).toDoubleArray());
      assertArrayEquals(new double[] {4, 4}, gradients.of(bias).toDoubleArray());
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    try (var _ = Scope.open()) {
      assertEquals(
          "layerNorm: rows of [2, 3] need weight and bias [3], but met [3] and [2]",
          message(ones(2, 3), ones(3), ones(2), 1e-5));
      assertEquals(
          "layerNorm: rows of [2, 3] need weight and bias [3], but met [1, 3] and [3]",
          message(ones(2, 3), ones(1, 3), ones(3), 1e-5));
      assertEquals(
          "layerNorm: expected rows [..., width], but met a single number; reshape it to [1]",
          message(ones(), ones(1), ones(1), 1e-5));
      for (double epsilon : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY}) {
        assertEquals(
            "layerNorm: epsilon is " + epsilon + ", but must be 0 or more; PyTorch's is 1e-5",
            message(ones(2), ones(2), ones(2), epsilon));
      }
    }
  }

  private static String message(Tensor x, Tensor weight, Tensor bias, double epsilon) {
    return assertThrows(
            IllegalArgumentException.class, () -> LayerNorm.layerNorm(x, weight, bias, epsilon))
        .getMessage();
  }
}
