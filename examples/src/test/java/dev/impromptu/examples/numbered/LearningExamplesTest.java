package dev.impromptu.examples.numbered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.functional.Losses;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Examples 5 to 9 in shortened form. */
class LearningExamplesTest {
  @Test
  void theCharacterModelLearnsThePoemAndWritesItsWords() throws IOException {
    String poem = Example05Characters.poem();
    var model = new Example05Characters(poem);
    double loss = model.train(150);
    assertTrue(loss < 0.9, "nats a letter: " + loss);

    String written = model.write("the ", 200, 0.5, 1);
    assertEquals(204, written.length());
    assertEquals(written, model.write("the ", 200, 0.5, 1));
    assertNotEquals(written, model.write("the ", 200, 0.5, 2));
    Set<String> known = Set.copyOf(Arrays.asList(poem.split("\\W+")));
    String[] words = written.split("\\W+");
    long real = Arrays.stream(words).filter(known::contains).count();
    assertTrue(real > 0.7 * words.length, real + " words of the poem in: " + written);
  }

  @Test
  void theForecastBeatsPersistence() {
    var errors = Example06Forecast.train(600, 5);
    assertTrue(errors.network() < 0.1 * errors.persistence(), errors.toString());
    // No forecast of unseen noise is better than the noise.
    assertTrue(errors.network() > 0.008, errors.toString());
  }

  @Test
  void theOwnOperationIsProvenOnEveryDevice() {
    Example07FusedOp.prove(Device.cpu());
    Example07FusedOp.prove(Device.reference());
  }

  @Test
  void theOwnOperationHasTheValuesOfItsFormula() {
    try (var _ = Scope.open()) {
      Tensor x = Tensor.of(Device.reference(), Shape.of(4), 0.0, 0.5, -3.0, 800.0);
      Tensor zero = Tensor.zeros(Device.reference(), Shape.of(4));
      double mean = Example07FusedOp.LogCosh.logCosh(x, zero).item();
      double expected = (Math.log(Math.cosh(0.5)) + Math.log(Math.cosh(3)) + 800 - Math.log(2)) / 4;
      assertEquals(expected, mean, 1e-9);
      var other = Tensor.zeros(Device.reference(), Shape.of(2));
      assertThrows(
          IllegalArgumentException.class, () -> Example07FusedOp.LogCosh.logCosh(x, other));
    }
  }

  @Test
  void theOwnLossIsPulledAwayLessByWildTargets() {
    double robust = Example07FusedOp.slope(Example07FusedOp.LogCosh::logCosh);
    double squared = Example07FusedOp.slope(Losses::meanSquaredError);
    assertEquals(2, robust, 0.4);
    assertTrue(squared < 0, "slope " + squared);
  }

  @Test
  void theModelOfPyTorchSaysWhatItSaidThere() throws IOException {
    for (Device device : new Device[] {Device.cpu(), Device.reference()}) {
      var compared = Example08PyTorchWeights.compare(device);
      assertEquals(24, compared.waves());
      assertEquals(24, compared.right());
      assertTrue(compared.furthest() < 1e-5, compared.toString());
    }
  }

  @Test
  void theHighwayNetworkTellsTheSpiralsApart() {
    double right = Example09CustomLayer.train(300);
    assertTrue(right > 95, "right: " + right + " %");
  }
}
