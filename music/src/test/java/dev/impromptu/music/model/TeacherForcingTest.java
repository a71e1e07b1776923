package dev.impromptu.music.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
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

  /** Two windows of numbers that count on, from 0 and from 1. */
  private static WindowBatch batch(int skipped, int numbers) {
    int span = CONTEXT + skipped + FUTURE;
    return new WindowBatch(
        2,
        CONTEXT,
        FUTURE,
        counted(0, CONTEXT, numbers),
        counted(CONTEXT, CONTEXT + skipped, numbers),
        counted(CONTEXT + skipped, span, numbers));
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
    assertArrayEquals(new float[] {1, 1, 1, 1, 1, 1, 1, 1}, weights(inputs));
  }

  /** The context is unbroken, and what comes after the next is foretold throughout. */
  @Test
  void oneStepAheadBehindASkippedTokenThereIsNoGap() {
    var inputs = objective(new Counting(), Device.best(), 1).inputs(batch(1));

    assertArrayEquals(new int[] {0, 1, 2, 3, 1, 2, 3, 4}, ids(inputs.getFirst()));
    assertArrayEquals(new int[] {2, 3, 4, 5, 3, 4, 5, 6}, ids(inputs.get(1)));
  }

  /** From where a network that slides begins at, through all that it is to foretell. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void readingBeginsSomewhereElseEachTimeAndGoesOnToTheEnd(int skipped) {
    var objective = objective(new Counting(), Device.best(), FUTURE);
    int[] times = new int[FUTURE];
    for (int neighbour = 0; neighbour < 150; neighbour++) {
      var window = batch(skipped);
      // The second window only makes the batch another one.
      window.x()[CONTEXT] = neighbour;
      var inputs = objective.inputs(window);
      int[] read = ids(inputs.getFirst());
      int start = read[0];
      int time = CONTEXT + FUTURE - 1 - start;
      times[start]++;
      assertEquals(Shape.of(2, time), inputs.getFirst().shape());
      for (int t = 0; t < time; t++) {
        int place = start + t;
        assertEquals(place < CONTEXT ? place : place + skipped, read[t]);
        assertEquals(place + skipped + 1, ids(inputs.get(1))[t]);
        // The last of the context foretells the first behind it.
        assertEquals(place < CONTEXT - 1 ? 1 : 4, weights(inputs)[t]);
      }
      assertArrayEquals(read, ids(objective.inputs(window).getFirst()));
    }
    for (int count : times) {
      assertTrue(count > 25, () -> Arrays.toString(times));
    }
  }

  /** Position by position, each sequence read from its beginning to there. */
  @ParameterizedTest
  @ValueSource(strings = {"lstm", "wavenet"})
  void lossAndGradientsAreThoseOfReadingEveryBeginning(String name) {
    Device device = Device.reference();
    SequenceModel model = name.equals("lstm") ? lstm(device) : wavenet(device);
    var objective = objective(model, device, 2);
    try (var _ = Scope.open()) {
      List<HostTensor> inputs = objective.inputs(batch(1));
      var judged =
          objective.judge(
              inputs.stream().map(input -> input.on(device)).toList(), Mode.training(0, 0));
      int time = inputs.getFirst().shape().size(1);
      Tensor expected = null;
      for (int t = 0; t < time; t++) {
        Tensor logits =
            model.logits(inputs.getFirst().on(device).slice(1, 0, t + 1), Mode.training(0, 0));
        int[] targets = ids(inputs.get(1));
        Tensor losses =
            CrossEntropy.perRow(
                logits, Tensor.ofInts(device, Shape.of(2), targets[t], targets[time + t]));
        float[] weights = weights(inputs);
        Tensor counted = Tensor.of(device, Shape.of(2), weights[t], weights[time + t]);
        Tensor part = losses.times(counted).sum().times(1.0 / (2 * time));
        expected = expected == null ? part : expected.plus(part);
      }
      SameLearning.require(model, Objects.requireNonNull(expected), judged.loss());
    }
  }

  /** The model that counts on is right where the next is asked for, and not across the gap. */
  @Test
  void onlyTheLastTokenIsJudged() {
    int numbers = new Counting().vocabularySize();
    try (var _ = Scope.inference()) {
      var counted =
          objective(new Counting(), Device.best(), 3).measure(batch(0, numbers), Mode.EVALUATION);
      assertEquals(2, counted.total());
      assertEquals(2, counted.correct());
      var skipping =
          objective(new Counting(), Device.best(), 1).measure(batch(1, numbers), Mode.EVALUATION);
      assertEquals(2, skipping.total());
      assertEquals(0, skipping.correct());
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
                        .measure(batch(0), Mode.training(0, 0))
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
  }
}
