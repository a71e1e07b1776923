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
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
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
  void aSessionGivesTheSamePieceTokenByToken() {
    var sampler = new Sampler(Sampling.DEFAULTS, 7);
    try (ComposerSession session = composer.begin(new int[] {0}, sampler)) {
      assertArrayEquals(new int[] {0}, session.piece());
      int first = session.next();
      assertArrayEquals(new int[] {0, first}, session.piece());
      for (int i = 1; i < 60; i++) {
        session.next();
      }
      assertArrayEquals(compose(Sampling.DEFAULTS, 7, 60, 0), session.piece());
    }
  }

  @Test
  void oneModelServesManyThreads() throws Exception {
    Device device = Device.named("cpu");
    List<SequenceModel> models =
        List.of(
            new LstmComposer(device, new LstmComposer.Sizes(12, 8, 16, 2, 16, 0.1), 1),
            new WaveNetComposer(
                device, new WaveNetComposer.Sizes(12, 8, 8, 16, 2, 1, 3, 16, 0), 1));
    for (SequenceModel shared : models) {
      var one = new Composer(shared, device, 8);
      IntFunction<int[]> piece =
          seed ->
              one.compose(
                  new int[] {seed % 12, 3}, 40, new Sampler(Sampling.DEFAULTS, seed), done -> {});
      List<int[]> alone = IntStream.range(0, 16).mapToObj(piece).toList();
      try (var threads = Executors.newFixedThreadPool(4)) {
        List<Future<int[]>> together =
            IntStream.range(0, 16)
                .mapToObj(seed -> threads.submit(() -> piece.apply(seed)))
                .toList();
        for (int seed = 0; seed < 16; seed++) {
          assertArrayEquals(alone.get(seed), together.get(seed).get());
        }
      }
    }
  }

  @Test
  void anEmptyPrimerIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> compose(LIKELIEST, 0, 1));
  }
}
