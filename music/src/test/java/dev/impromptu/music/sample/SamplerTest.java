package dev.impromptu.music.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static final Sampling FREE = new Sampling(1, 0, 1, 0, 0);

  private static float[] random(Random random, int size) {
    float[] logits = new float[size];
    for (int i = 0; i < size; i++) {
      logits[i] = (float) random.nextGaussian() * 3;
    }
    return logits;
  }

  private static int[] ranked(float[] logits) {
    return IntStream.range(0, logits.length)
        .boxed()
        .sorted((a, b) -> Float.compare(logits[b], logits[a]))
        .mapToInt(i -> i)
        .toArray();
  }

  private static List<Integer> draw(Sampling sampling, long seed, int count) {
    var random = new Random(11);
    var sampler = new Sampler(sampling, seed);
    var drawn = new ArrayList<Integer>();
    for (int i = 0; i < count; i++) {
      drawn.add(sampler.next(random(random, 50)));
    }
    return drawn;
  }

  @Test
  void theSameSeedDrawsTheSameTokens() {
    assertEquals(draw(Sampling.DEFAULTS, 3, 200), draw(Sampling.DEFAULTS, 3, 200));
    assertNotEquals(draw(Sampling.DEFAULTS, 3, 200), draw(Sampling.DEFAULTS, 4, 200));
  }

  @Test
  void temperatureZeroTakesTheLikeliestAndOfEqualOnesTheFirst() {
    var sampler = new Sampler(new Sampling(0, 0, 1, 0, 0), 1);

    assertEquals(2, sampler.next(new float[] {-3, -2, -1, -1}));
    assertEquals(1, sampler.next(new float[] {-0f, 5, 0f, 5}));
    assertEquals(0, sampler.next(new float[] {-0f, 0f}));
  }

  @Test
  void whatThePieceRecallsIsMixedIn() {
    float[] logits = {0, 0.1f, 0, 0};
    for (double recall : new double[] {0, 1}) {
      var sampler = new Sampler(new Sampling(0, 0, 1, 0, 0).withRecall(recall), 1);
      sampler.heard(2, 3, 0, 2);

      assertEquals(recall == 0 ? 1 : 3, sampler.next(logits));
      // What it has chosen itself is remembered too: behind 2, 3 stood 0, behind 1 nothing yet.
      assertEquals(recall == 0 ? 1 : 0, sampler.next(logits));
    }
    assertThrows(IllegalArgumentException.class, () -> FREE.withRecall(1.1));
    assertThrows(IllegalArgumentException.class, () -> FREE.withRecall(Double.NaN));
    assertEquals(0.5, FREE.withRecall(0.5).withTopK(3).withTopP(0.5).withTemperature(2).recall());
  }

  @Test
  void topKNeverDrawsOutsideTheLikeliestK() {
    var random = new Random(5);
    for (int k = 1; k < 10; k++) {
      var sampler = new Sampler(FREE.withTopK(k).withTemperature(5), k);
      for (int i = 0; i < 300; i++) {
        float[] logits = random(random, 20);
        int rank = position(ranked(logits), sampler.next(logits));
        assertTrue(rank < k, "drew rank " + rank + " with top k " + k);
      }
    }
  }

  private static int position(int[] ranked, int id) {
    for (int i = 0; i < ranked.length; i++) {
      if (ranked[i] == id) {
        return i;
      }
    }
    throw new AssertionError("no such id " + id);
  }

  @Test
  void topPDrawsFromTheSmallestSetThatReachesIt() {
    float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.2)};
    assertEquals(1, drawn(FREE.withTopP(0.4), logits));
    assertEquals(2, drawn(FREE.withTopP(0.7), logits));
    assertEquals(3, drawn(FREE.withTopP(0.9), logits));
  }

  private static long drawn(Sampling sampling, float[] logits) {
    var sampler = new Sampler(sampling, 9);
    return IntStream.range(0, 500).map(i -> sampler.next(logits)).distinct().count();
  }

  @Test
  void tokensAreDrawnAsOftenAsTheirProbabilitySays() {
    assertArrayEquals(new double[] {0.6, 0.3, 0.1}, shares(FREE, 0.6, 0.3, 0.1), 0.02);
  }

  /** Half the temperature squares the probabilities: 0.64 and 0.04 of 0.68. */
  @Test
  void aLowTemperatureFavoursTheLikely() {
    assertArrayEquals(
        new double[] {0.941, 0.059}, shares(FREE.withTemperature(0.5), 0.8, 0.2), 0.02);
  }

  @Test
  void whatTopPLeavesIsDrawnInProportion() {
    assertArrayEquals(
        new double[] {0.625, 0.375, 0}, shares(FREE.withTopP(0.7), 0.5, 0.3, 0.2), 0.02);
  }

  /** How often tokens of these probabilities are drawn. */
  private static double[] shares(Sampling sampling, double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int id = 0; id < logits.length; id++) {
      logits[id] = (float) Math.log(probabilities[id]);
    }
    int draws = 20_000;
    int[] counts = new int[logits.length];
    var sampler = new Sampler(sampling, 2);
    for (int i = 0; i < draws; i++) {
      counts[sampler.next(logits)]++;
    }
    return Arrays.stream(counts).mapToDouble(count -> (double) count / draws).toArray();
  }

  @Test
  void theGuardEndsARepeatedNote() {
    var sampler = new Sampler(new Sampling(0, 0, 1, 3, 0), 0);
    sampler.heard(0, 0);
    float[] logits = {5, 4, 3};

    int[] drawn = {sampler.next(logits), sampler.next(logits), sampler.next(logits)};

    assertEquals("[0, 1, 0]", Arrays.toString(drawn));
  }

  @Test
  void theGuardEndsAFigureThatGoesRound() {
    for (int cycle = 2; cycle <= 8; cycle++) {
      var sampler = new Sampler(new Sampling(0, 0, 1, 0, 2), 0);
      int rounds = 0;
      for (int i = 0; i < 2 * cycle; i++) {
        assertEquals(i % cycle, sampler.next(favouring(i % cycle)), "before the limit");
        rounds++;
      }
      for (int i = 0; i < cycle - 1; i++) {
        sampler.next(favouring(i));
      }
      assertNotEquals(
          cycle - 1, sampler.next(favouring(cycle - 1)), "cycle of " + cycle + ", " + rounds);
    }
  }

  private static float[] favouring(int id) {
    float[] logits = new float[12];
    logits[id] = 9;
    return logits;
  }

  @Test
  void theGuardGivesWayWhenNothingElseIsLeft() {
    var sampler = new Sampler(new Sampling(1, 0, 1, 1, 1), 0);
    for (int i = 0; i < 10; i++) {
      assertEquals(0, sampler.next(new float[] {1}));
    }
  }

  @Test
  void impossibleSettingsAndLogitsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> FREE.withTemperature(-1));
    assertThrows(IllegalArgumentException.class, () -> FREE.withTemperature(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> FREE.withTopK(-1));
    assertThrows(IllegalArgumentException.class, () -> FREE.withTopP(0));
    assertThrows(IllegalArgumentException.class, () -> FREE.withTopP(1.1));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(1, 0, 1, -1, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new Sampler(FREE, 0).next(new float[] {Float.NaN}));
    assertThrows(IllegalArgumentException.class, () -> new Sampler(FREE, 0).next(new float[0]));
  }
}
