package dev.impromptu.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.impromptu.music.data.Windows;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
    var waves = new Sinusoids(0, 500);
    double[] points = {0.234, -1, 0.9951, -0.004};
    assertArrayEquals(new double[] {0.23, -1, 1, 0}, waves.values(waves.tokens(points)));
    assertEquals(201, waves.vocabulary().size());
  }

  /** A context and the point after it: what a network is asked, with the answer. */
  private static List<IntBuffer> questions(Windows windows) {
    return IntStream.range(0, windows.size())
        .mapToObj(
            w -> {
              int from = windows.start(w);
              int[] ids = windows.piece(w).ids();
              return IntBuffer.wrap(Arrays.copyOfRange(ids, from, from + Sinusoids.CONTEXT + 1));
            })
        .toList();
  }

  @Test
  void noHeldOutWindowStandsInTraining() {
    var waves = new Sinusoids(0, 500);
    Set<IntBuffer> learned = new HashSet<>(questions(waves.training()));
    List<IntBuffer> asked = questions(waves.unseenWindows());
    assertEquals(30 * (16 + 20 + 25 + 32), asked.size());
    assertEquals(33, asked.getFirst().remaining());
    for (IntBuffer window : asked) {
      assertFalse(learned.contains(window), () -> Arrays.toString(window.array()));
    }
  }
}
