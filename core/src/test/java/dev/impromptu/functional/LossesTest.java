package dev.impromptu.functional;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Gradients;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The definitions, computed by hand. */
class LossesTest {
  private final Device device = Device.named("reference");

  private Tensor tensor(Shape shape, double... values) {
    return Tensor.of(device, shape, values);
  }

  @Test
  void theMeanSquaredErrorIsTheMeanOfTheSquares() {
    try (var _ = Scope.open()) {
      Shape shape = Shape.of(2, 2);
      Tensor loss = Losses.meanSquaredError(tensor(shape, 1, 2, 3, 4), tensor(shape, 1, 0, 6, 4));
      assertEquals((4 + 9) / 4.0, loss.item(), 1e-12);
    }
  }

  @Test
  void theBinaryCrossEntropyIsThatOfTheSigmoidAndSurvivesGreatLogits() {
    try (var _ = Scope.open()) {
      Shape shape = Shape.of(3);
      double third =
          -Math.log(1 / (1 + Math.exp(-2))) * 0.25 - Math.log(1 / (1 + Math.exp(2))) * 0.75;
      Tensor loss =
          Losses.binaryCrossEntropy(tensor(shape, 1000, -1000, 2), tensor(shape, 0, 0, 0.25));
      assertEquals((1000 + 0 + third) / 3, loss.item(), 1e-9);
    }
  }

  @Test
  void theLogarithmOfASumOfPowersIsInfiniteWhereItHasTo() {
    double infinity = Double.POSITIVE_INFINITY;
    for (Device any : List.of(device, Device.cpu())) {
      try (var _ = Scope.open()) {
        Tensor x =
            Tensor.of(
                any, Shape.of(4, 2), -infinity, -infinity, infinity, 0, -infinity, 3, 1000, 1000);
        assertArrayEquals(
            new double[] {-infinity, infinity, 3, 1000 + Math.log(2)},
            Softmax.logSumExp(x, 1).toDoubleArray(),
            1e-4);
      }
    }
  }

  @Test
  void shapesThatWouldSpreadAreRefused() {
    try (var _ = Scope.open()) {
      Tensor column = tensor(Shape.of(2, 1), 1, 2);
      Tensor row = tensor(Shape.of(2), 1, 2);
      var error =
          assertThrows(IllegalArgumentException.class, () -> Losses.meanSquaredError(column, row));
      assertEquals(
          "meanSquaredError: prediction [2, 1] and target [2] must have the same shape",
          error.getMessage());
    }
  }

  @Test
  void theOptionsOfTheCrossEntropyFollowPyTorchsDefinition() {
    try (var _ = Scope.open()) {
      // Probabilities 1/2, 1/4, 1/4.
      double[] logits = {Math.log(2), 0, 0, Math.log(2), 0, 0, 0, 0, 0};
      Tensor x = tensor(Shape.of(3, 3), logits);
      Tensor targets = Tensor.ofInts(device, Shape.of(3), 0, 2, -100);
      double likely = Math.log(2);
      double unlikely = Math.log(4);
      var options = CrossEntropyOptions.DEFAULTS;

      assertEquals((likely + unlikely) / 2, options.crossEntropy(x, targets).item(), 1e-12);

      Tensor weights = tensor(Shape.of(3), 1, 2, 3);
      double weighed = (likely + 3 * unlikely) / 4;
      assertEquals(weighed, options.weighing(weights).crossEntropy(x, targets).item(), 1e-12);

      double even = (likely + 2 * unlikely) / 3;
      double smoothed = 0.9 * (likely + unlikely) / 2 + 0.1 * even;
      assertEquals(smoothed, options.smoothing(0.1).crossEntropy(x, targets).item(), 1e-12);

      // PyTorch weighs the even share by each class, and divides by the weights of the targets.
      double evenWeighed = (likely + 2 * unlikely + 3 * unlikely) / 3;
      double both = (0.9 * (likely + 3 * unlikely) + 0.1 * 2 * evenWeighed) / 4;
      assertEquals(
          both, options.smoothing(0.1).weighing(weights).crossEntropy(x, targets).item(), 1e-12);
    }
  }

  @Test
  void aMaskedClassCostsNothingWhereItIsNotWanted() {
    try (var _ = Scope.open()) {
      double masked = Double.NEGATIVE_INFINITY;
      Tensor x = tensor(Shape.of(2, 3), 0, masked, 0, masked, 0, masked).tracked();
      Tensor targets = Tensor.ofInts(device, Shape.of(2), 2, 1);
      Tensor loss = CrossEntropyOptions.DEFAULTS.crossEntropy(x, targets);
      assertEquals(Math.log(2) / 2, loss.item(), 1e-12);
      assertArrayEquals(
          new double[] {0.25, 0, -0.25, 0, 0, 0}, loss.backward().of(x).toDoubleArray(), 1e-12);

      Tensor wrong = Tensor.ofInts(device, Shape.of(2), 1, 1);
      assertEquals(
          Double.POSITIVE_INFINITY, CrossEntropyOptions.DEFAULTS.crossEntropy(x, wrong).item());
    }
  }

  @Test
  void weightsOfClassesAreNotTrackedAndHaveOneForEach() {
    try (var _ = Scope.open()) {
      Tensor weights = tensor(Shape.of(3), 1, 2, 3).tracked();
      var options = new CrossEntropyOptions(-100, 0, weights);
      Tensor x = tensor(Shape.of(1, 3), 0, 0, 0).tracked();
      Tensor targets = Tensor.ofInts(device, Shape.of(1), 0);
      Gradients gradients = options.crossEntropy(x, targets).backward();
      assertTrue(gradients.find(x).isPresent());
      assertTrue(gradients.find(weights).isEmpty());

      Tensor narrow = tensor(Shape.of(1, 2), 0, 0);
      var error =
          assertThrows(IllegalArgumentException.class, () -> options.crossEntropy(narrow, targets));
      assertEquals(
          "crossEntropy: class weights [3] must be one for each class of logits [1, 2]",
          error.getMessage());
      error =
          assertThrows(
              IllegalArgumentException.class,
              () -> CrossEntropyOptions.DEFAULTS.weighing(tensor(Shape.of(1, 3), 1, 2, 3)));
      assertEquals(
          "crossEntropy: expected class weights [classes], but met [1, 3]", error.getMessage());
    }
  }

  @Test
  void aTargetThatIsNeitherAClassNorIgnoredIsRefused() {
    try (var _ = Scope.open()) {
      Tensor x = tensor(Shape.of(1, 2), 0, 0);
      assertThrows(
          IndexOutOfBoundsException.class,
          () ->
              CrossEntropyOptions.DEFAULTS.crossEntropy(x, Tensor.ofInts(device, Shape.of(1), 2)));
    }
  }
}
