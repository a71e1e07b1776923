package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SinusoidsTest {
  @Test
  void aWaveRepeatsItselfAfterItsPeriod() {
    double[] wave = Sinusoids.wave(20, 0.3, 50);
    assertEquals(Math.sin(2 * Math.PI * 0.3), wave[0], 1e-12);
    assertEquals(Math.sin(2 * Math.PI * 0.35), wave[1], 1e-12);
    assertArrayEquals(Arrays.copyOf(wave, 30), Arrays.copyOfRange(wave, 20, 50), 1e-12);
  }

  @Test
  void everyValueIsRoundedToTwoDecimals() {
    var waves = new Sinusoids(0);
    double[] points = {0.234, -1, 0.9951, -0.004};
    assertArrayEquals(new double[] {0.23, -1, 1, 0}, waves.values(waves.tokens(points)));
    assertEquals(201, waves.vocabulary().size());
  }

  @Test
  void noHeldOutWaveStandsInTraining() {
    var waves = new Sinusoids(0);
    var training =
        IntStream.range(0, waves.training().size())
            .mapToObj(w -> waves.training().piece(w))
            .distinct()
            .toList();
    var heldOut =
        IntStream.range(0, waves.heldOut().size())
            .mapToObj(w -> waves.heldOut().piece(w))
            .distinct()
            .toList();
    for (var wave : heldOut) {
      for (var learned : training) {
        assertFalse(Arrays.equals(wave.ids(), learned.ids()));
      }
    }
  }
}
