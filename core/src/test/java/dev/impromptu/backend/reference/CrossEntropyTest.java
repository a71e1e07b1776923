package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.assertValues;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.indices;
import static dev.impromptu.backend.reference.Values.random;
import static dev.impromptu.backend.reference.Values.read;
import static dev.impromptu.backend.reference.Values.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CrossEntropyTest {
  @Test
  void isTheNegativeLogOfTheTargetsProbability() {
    var probabilities = empty(6);
    var losses = empty(2);
    double ln3 = Math.log(3);
    BACKEND.crossEntropy(3, values(0, 0, 0, ln3, 0, 0), indices(2, 0), probabilities, losses);
    assertValues(probabilities, 1 / 3.0, 1 / 3.0, 1 / 3.0, 0.6, 0.2, 0.2);
    assertValues(losses, ln3, -Math.log(0.6));
  }

  @Test
  void greatLogitsDoNotOverflow() {
    var probabilities = empty(4);
    var losses = empty(2);
    BACKEND.crossEntropy(2, values(1e4, 0, -1e4, -1e4), indices(1, 0), probabilities, losses);
    assertValues(probabilities, 1, 0, 0.5, 0.5);
    assertValues(losses, 1e4, Math.log(2));
  }

  @Test
  void theBackwardAgreesWithDifferences() {
    int classes = 7;
    var logits = random(new Random(5), 3 * classes);
    var weights = new double[] {1, -2, 0.5};
    var probabilities = empty(3 * classes);
    var targets = indices(6, 0, 3);
    var dLogits = empty(3 * classes);
    BACKEND.crossEntropy(classes, values(logits), targets, probabilities, empty(3));
    BACKEND.crossEntropyBackward(classes, probabilities, targets, values(weights), dLogits);

    double step = 1e-5;
    var expected = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      double kept = logits[i];
      logits[i] = kept + step;
      double above = weightedLoss(logits, weights);
      logits[i] = kept - step;
      double below = weightedLoss(logits, weights);
      logits[i] = kept;
      expected[i] = (above - below) / (2 * step);
    }
    assertArrayEquals(expected, read(dLogits), 1e-9);
  }

  private static double weightedLoss(double[] logits, double[] weights) {
    var losses = empty(3);
    BACKEND.crossEntropy(7, values(logits), indices(6, 0, 3), empty(logits.length), losses);
    double sum = 0;
    for (int row = 0; row < 3; row++) {
      sum += weights[row] * read(losses)[row];
    }
    return sum;
  }

  @Test
  void aTargetThatIsNoClassIsNamed() {
    var error =
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> BACKEND.crossEntropy(2, values(0, 0, 0, 0), indices(1, 2), empty(4), empty(2)));
    assertEquals("crossEntropy: target 2 of row 1 is none of 2 classes", error.getMessage());
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> BACKEND.crossEntropyBackward(2, empty(2), indices(-1), values(1), empty(2)));
  }
}
