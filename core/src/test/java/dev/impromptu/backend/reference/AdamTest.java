package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.assertValues;
import static dev.impromptu.backend.reference.Values.values;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdamTest {
  @Test
  void theFirstTwoStepsAreAsByHand() {
    var gradient = values(2);
    var slot = new AdamSlot(values(1), gradient, values(0), values(0));

    // m = 0.2 and v = 0.004; corrected they are 2 and 4.
    BACKEND.adam(new AdamStep(0.1, 0.9, 0.999, 0.5, 1, null), List.of(slot));
    assertValues(slot.mean(), 0.2);
    assertValues(slot.variance(), 0.004);
    assertValues(slot.parameter(), 1 - 0.1 * 2 / (2 + 0.5));

    // m = 0.9 * 0.2 - 0.1 and v = 0.999 * 0.004 + 0.001.
    BACKEND.write(new double[] {-1}, gradient);
    BACKEND.adam(new AdamStep(0.1, 0.9, 0.999, 0.5, 2, null), List.of(slot));
    assertValues(slot.mean(), 0.08);
    assertValues(slot.variance(), 0.004996);
    double mean = 0.08 / 0.19;
    double variance = 0.004996 / 0.001999;
    assertValues(slot.parameter(), 0.92 - 0.1 * mean / (Math.sqrt(variance) + 0.5));
  }

  @Test
  void everySlotIsUpdated() {
    var one = new AdamSlot(values(1), values(3), values(0), values(0));
    var two = new AdamSlot(values(5, 6), values(-3, 0), values(0, 0), values(0, 0));
    BACKEND.adam(new AdamStep(0.25, 0.9, 0.999, 1e-30, 1, null), List.of(one, two));
    assertValues(one.parameter(), 0.75);
    assertValues(two.parameter(), 5.25, 6);
  }
}
