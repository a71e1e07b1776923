package dev.impromptu.music.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.music.data.EncodedPiece;
import dev.impromptu.music.data.TokenizedPiece;
import dev.impromptu.music.data.Windows;
import dev.impromptu.music.token.Vocabulary;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TeacherForcingTest {
  private static final int TOKENS = 9;
  private static final int CONTEXT = 4;
  private static final int FUTURE = 3;

  private static SequenceModel lstm(Device device) {
    return new LstmComposer(device, new LstmComposer.Sizes(TOKENS, 5, 6, 2, 8, 0), 1);
  }

  private static SequenceModel wavenet(Device device) {
    return new WaveNetComposer(
        device, new WaveNetComposer.Sizes(TOKENS, 5, 4, 6, 2, 1, 3, 8, 0), 1);
  }

  /**
   * Two windows of numbers that count on, from 0 and from 1. The second has an example one token
   * before it, the first has one two tokens before it.
   */
  private static WindowBatch batch(int skipped, int numbers) {
    int span = CONTEXT + skipped + FUTURE;
    return new WindowBatch(
        2,
        CONTEXT,
        FUTURE,
        counted(0, CONTEXT, numbers),
        counted(CONTEXT, CONTEXT + skipped, numbers),
        counted(CONTEXT + skipped, span, numbers),
        new boolean[] {false, true, true, false});
  }

  private static WindowBatch batch(int skipped) {
    return batch(skipped, TOKENS);
  }

  /** The numbers at the places {@code from} to {@code to - 1} of both windows. */
  private static int[] counted(int from, int to, int numbers) {
    return IntStream.range(0, 2)
        .flatMap(window -> IntStream.range(from, to).map(place -> (window + place) % numbers))
        .toArray();
  }

  private static TeacherForcing objective(SequenceModel model, Device device, int ahead) {
    return (TeacherForcing) Lookahead.TEACHER.objective(model, device, ahead);
  }

  private static float[] weights(List<HostTensor> inputs) {
    return ((HostTensor.Values) inputs.get(2)).values();
  }

  private static int[] ids(HostTensor input) {
    return ((HostTensor.Indices) input).values();
  }

  @Test
  void everyTokenIsForetoldFromThoseBeforeIt() {
    var inputs = objective(new Counting(), Device.best(), 1).inputs(batch(0));

    assertEquals(Shape.of(2, CONTEXT), inputs.getFirst().shape());
    assertArrayEquals(new int[] {0, 1, 2, 3, 1, 2, 3, 4}, ids(inputs.getFirst()));
    assertArrayEquals(new int[] {1, 2, 3, 4, 2, 3, 4, 5}, ids(inputs.get(1)));
    assertArrayEquals(
        new float[] {0.125f, 0.125f, 0.125f, 0.125f, 0.125f, 0.125f, 0.125f, 0.125f},
        weights(inputs));
  }

  /** The context is unbroken, and what comes after the next is foretold throughout. */
  @Test
  void oneStepAheadBehindASkippedTokenThereIsNoGap() {
    var inputs = objective(new Counting(), Device.best(), 1).inputs(batch(1));

    assertArrayEquals(new int[] {0, 1, 2, 3, 1, 2, 3, 4}, ids(inputs.getFirst()));
    assertArrayEquals(new int[] {2, 3, 4, 5, 3, 4, 5, 6}, ids(inputs.get(1)));
  }

  /** Three ways: without a gap, with one behind three tokens, with one behind two. */
  @Test
  void aBeginningIsReadInAsManyWaysAsItHasStepsAhead() {
    var inputs = objective(new Counting(), Device.best(), 3).inputs(batch(1));

    assertEquals(Shape.of(2, 2), inputs.getFirst().shape());
    assertArrayEquals(new int[] {0, 1, 1, 2}, ids(inputs.getFirst()));
    assertEquals(Shape.of(6, 2), inputs.getLast().shape());
    assertArrayEquals(
        new int[] {2, 3, 3, 4, /* */ 2, 4, 3, 5, /* */ 3, 4, 4, 5}, ids(inputs.getLast()));
    assertArrayEquals(
        new int[] {2, 3, 3, 4, /* */ 4, 5, 5, 6, /* */ 4, 5, 5, 6, /* */ 4, 5, 5, 6},
        ids(inputs.get(1)));
  }

  /**
   * The way without a gap counts, then what is behind one where an example has slid up to there.
   * The first tokens do not.
   */
  @Test
  void onlyWhatExamplesReadCounts() {
    var inputs = objective(new Counting(), Device.best(), 3).inputs(batch(1));

    float share = 1f / 7;
    assertArrayEquals(
        new float[] {0, 0, 0, 0, share, share, share, share, 0, 0, 0, share, share, share, 0, 0},
        weights(inputs));
  }

  /** The very contexts of the windows once they have slid, all with the token that follows. */
  @Test
  void waysAreTheContextsOfTheWindowsBefore() {
    List<String> tokens =
        new PhiloxRandom(3, 0).ints(40, 0, TOKENS).mapToObj(Integer::toString).toList();
    var vocabulary = Vocabulary.build(List.of(tokens), 1);
    var piece = EncodedPiece.of(new TokenizedPiece("numbers", tokens), vocabulary);
    var windows = Windows.of(List.of(piece), CONTEXT, FUTURE, true);
    var examples = new WindowExamples(windows.select(4, 5, 7, 8, 9));
    var batch = examples.batch(new int[] {4});
    var inputs = objective(new Counting(), Device.best(), 3).inputs(batch);
    int[] common = ids(inputs.getFirst());
    int[] ends = ids(inputs.getLast());
    float[] counts = weights(inputs);

    for (int way = 0; way < 3; way++) {
      int[] x = new int[CONTEXT];
      int[] y = new int[FUTURE];
      windows.copy(9 - way, x, 0, y, 0);
      int[] slid = IntStream.concat(Arrays.stream(x), Arrays.stream(y)).skip(way).toArray();
      assertArrayEquals(
          Arrays.copyOf(slid, CONTEXT),
          new int[] {common[0], common[1], ends[2 * way], ends[2 * way + 1]});
      assertEquals(slid[CONTEXT], ids(inputs.get(1))[2 + 2 * way + 1]);
    }
    assertFalse(windows.hasEarlier(0, 1), "nothing is before the first");
    assertTrue(counts[2 + 3] > 0, "window 8 is an example");
    assertTrue(counts[2 + 5] > 0, "window 7 is an example");
    assertEquals(
        0,
        weights(objective(new Counting(), Device.best(), 3).inputs(examples.batch(new int[] {2})))[
            2 + 3],
        "window 6 is none");
  }

  /** In one batch of four as above; else earlier, and then all that is behind a gap counts. */
  @Test
  void waysPartAtOneOfAFewPlaces() {
    int context = 24;
    int[] times = new int[context];
    for (int first = 0; first < 200; first++) {
      int beginning = first;
      int[] numbers = IntStream.range(0, 30).map(i -> (beginning + i) % 4).toArray();
      // What tells batches apart, and nothing is learned from.
      numbers[0] = 4 + first;
      var window =
          new WindowBatch(
              1,
              context,
              FUTURE,
              Arrays.copyOf(numbers, context),
              new int[] {numbers[context]},
              Arrays.copyOfRange(numbers, context + 1, context + 1 + FUTURE),
              new boolean[FUTURE - 1]);
      var objective = objective(new Counting(), Device.best(), FUTURE);
      var inputs = objective.inputs(window);
      int common = inputs.getFirst().shape().size(1);
      times[common]++;
      for (int place = 0; place < common; place++) {
        assertEquals(place >= 8, weights(inputs)[place] > 0, "place " + place);
      }
      int end = common + 2;
      for (int way = 0; way < FUTURE; way++) {
        for (int t = 0; t < 2; t++) {
          int place = common + t;
          int at = 2 * way + t;
          boolean behind = place >= end - way;
          assertEquals(numbers[behind ? place + 1 : place], ids(inputs.getLast())[at]);
          assertEquals(numbers[place + 2], ids(inputs.get(1))[common + at]);
          boolean counts = way == 0 || behind && end < context;
          assertEquals(counts, weights(inputs)[common + at] > 0);
        }
      }
      int[] right = new int[FUTURE];
      Arrays.fill(right, numbers[end + 1]);
      assertEquals(FUTURE, objective.correct(window, right));
    }
    for (int place = 0; place < context; place++) {
      boolean wanted = place >= 10 && place % 4 == 2;
      assertEquals(wanted, times[place] > 20, () -> Arrays.toString(times));
    }
  }

  @Test
  void withoutASkippedTokenThereIsOneWay() {
    var objective = objective(new Counting(), Device.best(), 3);
    assertEquals(3, objective.inputs(batch(0)).size());
    assertArrayEquals(
        ids(objective(new Counting(), Device.best(), 1).inputs(batch(0)).getFirst()),
        ids(objective.inputs(batch(0)).getFirst()));
  }

  /** Position by position, each way read from its beginning to there. */
  @ParameterizedTest
  @ValueSource(strings = {"lstm", "wavenet"})
  void lossAndGradientsAreThoseOfReadingEveryBeginning(String name) {
    Device device = Device.reference();
    SequenceModel model = name.equals("lstm") ? lstm(device) : wavenet(device);
    var objective = objective(model, device, 3);
    try (var _ = Scope.open()) {
      List<HostTensor> inputs = objective.inputs(batch(1));
      var judged =
          objective.judge(
              inputs.stream().map(input -> input.on(device)).toList(), Mode.training(0, 0));
      Tensor common = inputs.getFirst().on(device);
      Tensor ends = inputs.getLast().on(device);
      int[] targets = ids(inputs.get(1));
      float[] weights = weights(inputs);
      Tensor expected = Tensor.zeros(device, Shape.of());
      for (int way = 0; way < 3; way++) {
        Tensor whole = Tensor.concat(1, common, ends.slice(0, 2 * way, 2 * way + 2));
        for (int t = way == 0 ? 0 : 2; t < CONTEXT; t++) {
          int first = t < 2 ? t : 4 + way * 4 + t - 2;
          Tensor losses =
              CrossEntropy.perRow(
                  model.logits(whole.slice(1, 0, t + 1), Mode.training(0, 0)),
                  Tensor.ofInts(device, Shape.of(2), targets[first], targets[first + 2]));
          Tensor counted = Tensor.of(device, Shape.of(2), weights[first], weights[first + 2]);
          expected = expected.plus(losses.times(counted).sum());
        }
      }
      SameLearning.require(model, expected, judged.loss());
    }
  }

  /** The model that counts on is right where the next is asked for, which is behind a gap. */
  @Test
  void theEndsOfAllWaysAreJudged() {
    int numbers = new Counting().vocabularySize();
    try (var _ = Scope.inference()) {
      var counted =
          objective(new Counting(), Device.best(), 3).measure(batch(0, numbers), Mode.EVALUATION);
      assertEquals(2, counted.total());
      assertEquals(2, counted.correct());
      var skipping =
          objective(new Counting(), Device.best(), 3).measure(batch(1, numbers), Mode.EVALUATION);
      assertEquals(6, skipping.total());
      assertEquals(4, skipping.correct());
    }
  }

  @Test
  void theProcessorAgreesWithTheReference() {
    var losses =
        List.of(Device.reference(), Device.cpu()).stream()
            .map(
                device -> {
                  try (var _ = Scope.open()) {
                    return objective(lstm(device), device, 3)
                        .measure(batch(1), Mode.training(0, 0))
                        .loss()
                        .item();
                  }
                })
            .toList();
    assertEquals(losses.getFirst(), losses.getLast(), 1e-5);
  }

  @Test
  void moreStepsThanTheWindowsHoldAreRefused() {
    SequenceModel model = lstm(Device.cpu());
    assertThrows(IllegalArgumentException.class, () -> objective(model, Device.cpu(), 0));
    var tooMany = objective(model, Device.cpu(), FUTURE + 1);
    assertThrows(IllegalArgumentException.class, () -> tooMany.inputs(batch(0)));
    int[] tokens = new int[2];
    var allSlidAway = new WindowBatch(1, 2, 3, tokens, new int[1], new int[3], new boolean[2]);
    assertThrows(
        IllegalArgumentException.class,
        () -> objective(model, Device.cpu(), 3).inputs(allSlidAway));
  }
}
