package dev.impromptu.music.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.music.sample.Sampler;
import dev.impromptu.music.sample.Sampling;
import dev.impromptu.tensor.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComposerTest {
  private static final Sampling LIKELIEST = new Sampling(0, 0, 1, 0, 0);

  private final Counting model = new Counting();
  private final Composer composer = new Composer(model, Device.best(), 3);

  private int[] compose(Sampling sampling, long seed, int notes, int... primer) {
    return composer.compose(primer, notes, new Sampler(sampling, seed), done -> {});
  }

  @Test
  void itContinuesThePrimerAndTellsHowFarItIs() {
    var told = new ArrayList<Integer>();

    int[] piece = composer.compose(new int[] {3, 1, 3, 2}, 5, new Sampler(LIKELIEST, 0), told::add);

    assertArrayEquals(new int[] {3, 1, 3, 2, 3, 0, 1, 2, 3}, piece);
    assertEquals(List.of(1, 2, 3, 4, 5), told);
  }

  @Test
  void theNetworkSeesNoMoreThanItsContext() {
    compose(LIKELIEST, 0, 3, 3, 1, 3, 2);
    compose(LIKELIEST, 0, 4, 1);

    assertEquals(
        List.of(
            List.of(1, 3, 2),
            List.of(3, 2, 3),
            List.of(2, 3, 0),
            List.of(1),
            List.of(1, 2),
            List.of(1, 2, 3),
            List.of(2, 3, 0)),
        model.asked());
  }

  @Test
  void oneSeedGivesOnePiece() {
    int[] piece = compose(Sampling.DEFAULTS, 7, 60, 0);

    assertArrayEquals(piece, compose(Sampling.DEFAULTS, 7, 60, 0));
    assertFalse(Arrays.equals(piece, compose(Sampling.DEFAULTS, 8, 60, 0)));
  }

  @Test
  void anEmptyPrimerIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> compose(LIKELIEST, 0, 1));
  }
}
