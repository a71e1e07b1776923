package dev.impromptu.music.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.nn.Module;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
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

  /** Two windows: the tokens 0 to 7 and 1 to 8, or to 8 and 0 where one is skipped. */
  private static WindowBatch batch(int skipped) {
    int[] x = {0, 1, 2, 3, 1, 2, 3, 4};
    int[] y = IntStream.of(4, 5, 6, 5, 6, 7).map(token -> (token + skipped) % TOKENS).toArray();
    return new WindowBatch(2, CONTEXT, FUTURE, skipped, x, y);
  }

  /** The same in the few numbers that {@link Counting} knows. */
  private static WindowBatch counting(int skipped) {
    var batch = batch(skipped);
    int numbers = new Counting().vocabularySize();
    return new WindowBatch(
        batch.size(),
        CONTEXT,
        FUTURE,
        skipped,
        IntStream.of(batch.x()).map(token -> token % numbers).toArray(),
        IntStream.of(batch.y()).map(token -> token % numbers).toArray());
  }

  private static TeacherForcing objective(SequenceModel model, Device device, int ahead) {
    return (TeacherForcing) Lookahead.TEACHER.objective(model, device, ahead);
  }

  private static int[] ids(HostTensor input) {
    return ((HostTensor.Indices) input).values();
  }

  private static float[] counts(List<HostTensor> inputs) {
    return ((HostTensor.Values) inputs.get(2)).values();
  }

  @Test
  void everyTokenIsForetoldFromThoseBeforeIt() {
    var inputs = objective(new Counting(), Device.best(), 3).inputs(batch(0));

    assertEquals(Shape.of(2, 6), inputs.getFirst().shape());
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6}, ids(inputs.getFirst()));
    assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6, 2, 3, 4, 5, 6, 7}, ids(inputs.get(1)));
    // Four from the context, which count as much as the two from behind it; two windows.
    float within = 0.5f / (2 * 4);
    float behind = 0.5f / (2 * 2);
    assertArrayEquals(
        new float[] {
          within, within, within, within, behind, behind,
          within, within, within, within, behind, behind
        },
        counts(inputs));
  }

  @Test
  void withOneStepAheadAllCountAlike() {
    var inputs = objective(new Counting(), Device.best(), 1).inputs(batch(0));

    assertArrayEquals(new int[] {1, 2, 3, 4, 2, 3, 4, 5}, ids(inputs.get(1)));
    for (float count : counts(inputs)) {
      assertEquals(1f / 8, count);
    }
  }

  /** Within the context the one after next is foretold; the skipped one by nobody. */
  @Test
  void theSkippedTokenCountsForNothing() {
    var inputs = objective(new Counting(), Device.best(), 2).inputs(batch(1));

    assertArrayEquals(new int[] {0, 1, 2, 3, 5, 1, 2, 3, 4, 6}, ids(inputs.getFirst()));
    int[] targets = ids(inputs.get(1));
    float[] counts = counts(inputs);
    int[] expected = {2, 3, -1, 5, 6, 3, 4, -1, 6, 7};
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] < 0) {
        assertEquals(0f, counts[i]);
      } else {
        assertEquals(expected[i], targets[i], "position " + i);
        assertEquals(i % 5 == 4 ? 0.5f / 2 : 0.5f / 6, counts[i]);
      }
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
      int time = CONTEXT + 1;
      Tensor expected = null;
      for (int t = 0; t < time; t++) {
        Tensor logits =
            model.logits(inputs.getFirst().on(device).slice(1, 0, t + 1), Mode.training(0, 0));
        int[] targets = ids(inputs.get(1));
        Tensor losses =
            CrossEntropy.perRow(
                logits, Tensor.ofInts(device, Shape.of(2), targets[t], targets[time + t]));
        Tensor part = losses.sum().times(counts(inputs)[t]);
        expected = expected == null ? part : expected.plus(part);
      }
      Tensor whole = Objects.requireNonNull(expected);
      assertEquals(whole.item(), judged.loss().item(), 1e-9);
      var gradients = judged.loss().backward();
      var wanted = whole.backward();
      Module.parameters(model)
          .forEach(
              (parameterName, parameter) ->
                  assertArrayEquals(
                      wanted.find(parameter.value()).orElseThrow().toDoubleArray(),
                      gradients.find(parameter.value()).orElseThrow().toDoubleArray(),
                      1e-9,
                      parameterName));
    }
  }

  /** The model that counts on is right about all tokens behind the context that count on. */
  @Test
  void onlyTheTokensBehindTheContextAreJudged() {
    var objective = objective(new Counting(), Device.best(), 3);
    try (var _ = Scope.inference()) {
      var counted = objective.measure(counting(0), Mode.EVALUATION);
      assertEquals(6, counted.total());
      assertEquals(6, counted.correct());
      // The first token behind a gap is not the next number, the others are.
      var skipping = objective.measure(counting(1), Mode.EVALUATION);
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
