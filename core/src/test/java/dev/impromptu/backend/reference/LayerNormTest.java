package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.assertValues;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.random;
import static dev.impromptu.backend.reference.Values.read;
import static dev.impromptu.backend.reference.Values.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LayerNormTest {
  @Test
  void aRowHasMeanZeroAndVarianceOneBeforeTheParameters() {
    var y = empty(8);
    var moments = empty(6);
    BACKEND.layerNorm(
        0,
        values(1, 3, 5, 7, 1e4, 1e4, 1e4 + 2, 1e4 + 2),
        values(1, 1, 2, -1),
        values(0, 10, 0, 0.5),
        y,
        moments);
    double scale = 1 / Math.sqrt(5);
    assertValues(y, -3 * scale, 10 - scale, 2 * scale, 0.5 - 3 * scale, -1, 9, 2, -0.5);
    assertValues(moments, 4, 0, scale, 1e4 + 1, 0, 1);
  }

  @Test
  void epsilonIsAddedToTheVariance() {
    var y = empty(4);
    var moments = empty(6);
    BACKEND.layerNorm(3, values(-1, 1, 0, 0), values(1, 1), values(0, 5), y, moments);
    assertValues(y, -0.5, 5.5, 0, 5);
    assertValues(moments, 0, 0, 0.5, 0, 0, 1 / Math.sqrt(3));
  }

  @Test
  void theBackwardAgreesWithDifferences() {
    int width = 7;
    var x = random(new Random(5), 3 * width);
    var weight = random(new Random(6), width);
    var dy = random(new Random(7), 3 * width);
    var moments = empty(9);
    BACKEND.layerNorm(0.1, values(x), values(weight), empty(width), empty(x.length), moments);
    var dx = empty(x.length);
    var dWeight = empty(width);
    var dBias = empty(width);
    BACKEND.layerNormBackward(values(x), values(weight), moments, values(dy), dx, dWeight, dBias);

    double step = 1e-5;
    var expected = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double kept = x[i];
      x[i] = kept + step;
      double above = judged(x, weight, dy);
      x[i] = kept - step;
      double below = judged(x, weight, dy);
      x[i] = kept;
      expected[i] = (above - below) / (2 * step);
    }
    assertArrayEquals(expected, read(dx), 1e-9);
    for (int j = 0; j < width; j++) {
      double kept = weight[j];
      weight[j] = kept + 1;
      // What grows with a weight is linear in it.
      double slope = judged(x, weight, dy);
      weight[j] = kept;
      slope -= judged(x, weight, dy);
      assertArrayEquals(
          new double[] {slope, dy[j] + dy[width + j] + dy[2 * width + j]},
          new double[] {read(dWeight)[j], read(dBias)[j]},
          1e-12);
    }
  }

  private static double judged(double[] x, double[] weight, double[] dy) {
    var y = empty(x.length);
    var bias = values(new double[weight.length]);
    BACKEND.layerNorm(0.1, values(x), values(weight), bias, y, empty(9));
    double sum = 0;
    for (int i = 0; i < dy.length; i++) {
      sum += dy[i] * read(y)[i];
    }
    return sum;
  }

  @Test
  void withoutRowsTheGradientsOfTheParametersAreZero() {
    var dWeight = empty(2);
    var dBias = empty(2);
    BACKEND.layerNormBackward(empty(0), values(1, 2), empty(0), empty(0), null, dWeight, dBias);
    assertValues(dWeight, 0, 0);
    assertValues(dBias, 0, 0);
  }
}
