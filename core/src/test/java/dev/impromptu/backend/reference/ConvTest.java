package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.assertValues;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.values;

import dev.impromptu.backend.ConvShape;
import org.junit.jupiter.api.Test;

/** The convolution, worked out by hand. */
class ConvTest {
  @Test
  void theLastTapMeetsTheStepItselfAndTheFirstLooksBack() {
    var y = empty(4);
    BACKEND.causalConv1d(
        new ConvShape(1, 4, 1, 1, 2, 2), values(1, 2, 3, 4), values(10, 1), values(0.5), null, y);
    assertValues(y, 1.5, 2.5, 13.5, 24.5);
  }

  @Test
  void channelsAddUpAndSequencesStayApart() {
    var y = empty(8);
    // Two sequences of two steps with two channels each; weight [out, in, kernel].
    BACKEND.causalConv1d(
        new ConvShape(2, 2, 2, 2, 2, 1),
        values(1, 2, 3, 4, 5, 6, 7, 8),
        values(1, 10, 100, 1000, 0, 1, 0, 0),
        null,
        null,
        y);
    assertValues(y, 2010, 1, 4030 + 201, 3, 6050, 5, 8070 + 605, 7);
  }

  @Test
  void whatIsAddedIsAdded() {
    var shape = new ConvShape(1, 4, 1, 1, 2, 2);
    var y = empty(4);
    var added = values(100, 200, 300, 400);
    BACKEND.causalConv1d(shape, values(1, 2, 3, 4), values(10, 1), values(0.5), added, y);
    assertValues(y, 101.5, 202.5, 313.5, 424.5);
    BACKEND.causalConv1dBackwardInput(shape, values(1, 2, 3, 4), values(10, 1), added, y);
    assertValues(y, 131, 242, 303, 404);
  }

  @Test
  void gradientsGoBackThroughTheSameTaps() {
    var shape = new ConvShape(1, 4, 1, 1, 2, 2);
    var dx = empty(4);
    BACKEND.causalConv1dBackwardInput(shape, values(1, 2, 3, 4), values(10, 1), null, dx);
    assertValues(dx, 31, 42, 3, 4);
    var dWeight = empty(2);
    var dBias = empty(1);
    BACKEND.causalConv1dBackwardWeight(
        shape, values(5, 6, 7, 8), values(1, 2, 3, 4), dWeight, dBias);
    assertValues(dWeight, 5 * 3 + 6 * 4, 5 + 12 + 21 + 32);
    assertValues(dBias, 10);
  }

  @Test
  void theRingHoldsTheLatestInputs() {
    var shape = new ConvShape(1, 1, 1, 1, 3, 1);
    var ring = values(0, 0);
    double[] expected = {1, 12, 123, 234, 345};
    for (int p = 0; p < 5; p++) {
      var y = empty(1);
      BACKEND.causalConv1dStep(shape, values(p + 1), values(100, 10, 1), null, ring, p, y);
      assertValues(y, expected[p]);
    }
    assertValues(ring, 5, 4);
  }

  @Test
  void aSingleTapNeedsNoRing() {
    var ring = values(7);
    var y = empty(1);
    BACKEND.causalConv1dStep(
        new ConvShape(1, 1, 1, 1, 1, 4), values(3), values(2), values(0.5), ring, 9, y);
    assertValues(y, 6.5);
    assertValues(ring, 7);
  }

  @Test
  void theGateMultipliesTheFilter() {
    var gates = empty(2);
    var y = empty(1);
    var shape = new ConvShape(1, 1, 1, 2, 1, 1);
    BACKEND.gatedConv1d(shape, values(0.5), values(2, -4), values(0, 1), gates, y);
    double gate = 1 / (1 + Math.exp(1));
    assertValues(gates, Math.tanh(1), gate);
    assertValues(y, Math.tanh(1) * gate);
    var dPre = empty(2);
    BACKEND.gatedConv1dBackward(shape, gates, values(3), dPre);
    double slope = 1 - Math.tanh(1) * Math.tanh(1);
    assertValues(dPre, 3 * gate * slope, 3 * Math.tanh(1) * gate * (1 - gate));
  }
}
