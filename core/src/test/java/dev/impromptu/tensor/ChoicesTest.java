package dev.impromptu.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.functional.Activations;
import dev.impromptu.functional.CrossEntropyOptions;
import dev.impromptu.functional.Gather;
import org.junit.jupiter.api.Test;

/** What happens at ties, limits and values that are no numbers. */
class ChoicesTest {
  private final Device device = Device.named("reference");

  private Tensor row(double... values) {
    return Tensor.of(device, Shape.of(values.length), values);
  }

  @Test
  void equalsShareTheGradientOfAMaximum() {
    try (var _ = Scope.open()) {
      Tensor a = row(1, 2, 3).tracked();
      Tensor b = row(1, 5, 0).tracked();
      Gradients gradients = a.maximum(b).sum().backward();
      assertArrayEquals(new double[] {0.5, 0, 1}, gradients.of(a).toDoubleArray());
      assertArrayEquals(new double[] {0.5, 1, 0}, gradients.of(b).toDoubleArray());
    }
  }

  @Test
  void equalsShareTheGradientOfTheGreatestElement() {
    try (var _ = Scope.open()) {
      Tensor x = row(4, 1, 4).tracked();
      Gradients gradients = x.max(0).times(3).backward();
      assertArrayEquals(new double[] {1.5, 0, 1.5}, gradients.of(x).toDoubleArray());
    }
  }

  @Test
  void theGradientOfAClampPassesAtItsLimits() {
    try (var _ = Scope.open()) {
      Tensor x = row(-2, -1, 0, 1, 2).tracked();
      Gradients gradients = x.clamp(-1, 1).sum().backward();
      assertArrayEquals(new double[] {0, 1, 1, 1, 0}, gradients.of(x).toDoubleArray());
      var error = assertThrows(IllegalArgumentException.class, () -> x.clamp(1, 0));
      assertEquals("clamp: low 1.0 must be at most high 0.0", error.getMessage());
    }
  }

  @Test
  void whatIsNotChosenDoesNotSpoilTheResultNorItsGradient() {
    try (var _ = Scope.open()) {
      Tensor x = row(-1, 4).tracked();
      Tensor mask = Masks.greater(x, row(0));
      Tensor y = Masks.where(mask, x.log(), row(7));
      assertArrayEquals(new double[] {7, Math.log(4)}, y.toDoubleArray());
      Gradients gradients = y.sum().backward();
      assertArrayEquals(new double[] {0, 0.25}, gradients.of(x).toDoubleArray(), 1e-12);
    }
  }

  @Test
  void nonlinearitiesHaveTheirSlopesOfPyTorchAtZeroAndSurviveInfinity() {
    double infinity = Double.POSITIVE_INFINITY;
    try (var _ = Scope.open()) {
      Tensor x = row(0, -1, 2, infinity, -infinity).tracked();
      Tensor leaky = Activations.leakyRelu(x, 0.25);
      assertArrayEquals(new double[] {0, -0.25, 2, infinity, -infinity}, leaky.toDoubleArray());
      double[] slopes = leaky.sum().backward().of(x).toDoubleArray();
      assertArrayEquals(new double[] {0.25, 0.25, 1, 1, 0.25}, slopes);

      Tensor elu = Activations.elu(x);
      double below = Math.exp(-1);
      assertArrayEquals(new double[] {0, below - 1, 2, infinity, -1}, elu.toDoubleArray(), 1e-15);
      slopes = elu.sum().backward().of(x).toDoubleArray();
      assertArrayEquals(new double[] {1, below, 1, 1, 0}, slopes, 1e-15);
    }
  }

  @Test
  void slicesOfTheFirstAxisAreTakenWithoutPermuting() {
    var profiler = new Profiler();
    try (var _ = Scope.observed(profiler)) {
      Tensor x = Tensor.of(device, Shape.of(2, 1, 2), 1, 2, 3, 4);
      Tensor ids = Tensor.ofInts(device, Shape.of(3), 1, 1, 0);
      Tensor chosen = Gather.indexSelect(x, 0, ids);
      assertEquals(Shape.of(3, 1, 2), chosen.shape());
      assertArrayEquals(new double[] {3, 4, 3, 4, 1, 2}, chosen.toDoubleArray());
    }
    assertTrue(profiler.lines().stream().noneMatch(line -> line.name().equals("permute")));
  }

  @Test
  void elementsAreGatheredAlongTheirAxis() {
    try (var _ = Scope.open()) {
      Tensor x = Tensor.of(device, Shape.of(2, 2), 1, 2, 3, 4);
      Tensor ids = Tensor.ofInts(device, Shape.of(2, 2), 0, 0, 1, 0);
      assertArrayEquals(new double[] {1, 1, 4, 3}, Gather.gather(x, 1, ids).toDoubleArray());
    }
  }

  @Test
  void valuesAreAddedWhereTheirIdsSay() {
    try (var _ = Scope.open()) {
      Tensor x = Tensor.of(device, Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
      Tensor ids = Tensor.ofInts(device, Shape.of(2, 2), 0, 2, 1, 1);
      Tensor values = Tensor.of(device, Shape.of(2, 2), 10, 20, 30, 40);
      assertArrayEquals(
          new double[] {11, 2, 23, 4, 75, 6}, Gather.scatterAdd(x, 1, ids, values).toDoubleArray());
    }
  }

  @Test
  void theGreaterAndTheLesserAreTakenOfTwoAndOfAnAxis() {
    try (var _ = Scope.open()) {
      Tensor a = row(1, 5, -2);
      Tensor b = row(3, 4, -2);
      assertArrayEquals(new double[] {3, 5, -2}, a.maximum(b).toDoubleArray());
      assertArrayEquals(new double[] {1, 4, -2}, a.minimum(b).toDoubleArray());
      Tensor x = Tensor.of(device, Shape.of(2, 2), 4, 1, 2, 3);
      assertArrayEquals(new double[] {4, 3}, x.max(0).toDoubleArray());
      assertArrayEquals(new double[] {2, 1}, x.min(0).toDoubleArray());
    }
  }

  @Test
  void aMaskSaysWhatIsBelowEqualAndAbove() {
    try (var _ = Scope.open()) {
      Tensor a = row(1, 2, 3, Double.NaN);
      Tensor two = row(2);
      assertArrayEquals(new double[] {0, 0, 1, 0}, Masks.greater(a, two).toDoubleArray());
      assertArrayEquals(new double[] {0, 1, 1, 0}, Masks.greaterOrEqual(a, two).toDoubleArray());
      assertArrayEquals(new double[] {1, 0, 0, 0}, Masks.less(a, two).toDoubleArray());
      assertArrayEquals(new double[] {1, 1, 0, 0}, Masks.lessOrEqual(a, two).toDoubleArray());
      assertArrayEquals(new double[] {0, 1, 0, 0}, Masks.equal(a, two).toDoubleArray());
      assertArrayEquals(new double[] {1, 0, 0}, Masks.not(row(0, 1, -2)).toDoubleArray());
    }
  }

  @Test
  void aMaskIsNeverTracked() {
    try (var _ = Scope.open()) {
      assertFalse(Masks.less(row(1).tracked(), row(2).tracked()).isTracked());
    }
  }

  @Test
  void powersOfZeroHaveTheSlopesOfTheirDefinition() {
    try (var _ = Scope.open()) {
      Tensor base = row(0, 0, 2).tracked();
      Tensor exponent = row(2, 0, 3).tracked();
      Gradients gradients = base.pow(exponent).sum().backward();
      assertArrayEquals(new double[] {0, 0, 12}, gradients.of(base).toDoubleArray());
      assertArrayEquals(
          new double[] {0, 0, 8 * Math.log(2)}, gradients.of(exponent).toDoubleArray(), 1e-12);
    }
  }

  @Test
  void whereThePowersSlopeIsZeroAnInfiniteGradientEnds() {
    try (var _ = Scope.open()) {
      Tensor base = row(3, 0).tracked();
      Tensor exponent = row(0, 2).tracked();
      Tensor powers = base.pow(exponent).times(Double.POSITIVE_INFINITY);
      Gradients gradients = powers.sum().backward();
      assertEquals(0, gradients.of(base).toDoubleArray()[0]);
      assertEquals(0, gradients.of(exponent).toDoubleArray()[1]);
    }
  }

  @Test
  void anIdBelowZeroIsNoClassUnlessItIsTheIgnoredTarget() {
    try (var _ = Scope.open()) {
      Tensor ids = Tensor.ofInts(device, Shape.of(3), 1, -1, 0);
      var error = assertThrows(IndexOutOfBoundsException.class, () -> Gather.oneHot(ids, 2));
      assertEquals(
          "oneHot: id -1 at position 1 has no row in a table of 2 rows", error.getMessage());

      Tensor logits = Tensor.of(device, Shape.of(3, 2), 0, 1, 5, 9, 0, 1);
      var ignoring = CrossEntropyOptions.DEFAULTS.ignoring(-1);
      double expected = Math.log(1 + Math.E) - 0.5;
      assertEquals(expected, ignoring.crossEntropy(logits, ids).item(), 1e-12);
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> CrossEntropyOptions.DEFAULTS.crossEntropy(logits, ids));
    }
  }

  @Test
  void errorsNameShapesAndTheMend() {
    try (var _ = Scope.open()) {
      Tensor x = Tensor.zeros(device, Shape.of(2, 3));
      var squeeze = assertThrows(IllegalArgumentException.class, () -> x.squeeze(1));
      assertEquals(
          "squeeze: axis 1 of [2, 3] has size 3; only an axis of size 1 can go",
          squeeze.getMessage());
      var expand = assertThrows(IllegalArgumentException.class, () -> x.expand(Shape.of(3)));
      assertEquals(
          "expand: [2, 3] cannot be repeated to [3]; counted from the end, each axis must be equal or 1",
          expand.getMessage());
      Tensor ids = Tensor.ofInts(device, Shape.of(1, 1), 0);
      var gather = assertThrows(IllegalArgumentException.class, () -> Gather.gather(x, 1, ids));
      assertEquals(
          "gather: ids [1, 1] must have the shape of [2, 3] but for axis 1", gather.getMessage());
    }
  }
}
