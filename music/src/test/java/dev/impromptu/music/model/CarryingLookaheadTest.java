package dev.impromptu.music.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.train.Objective;
import dev.impromptu.train.RecordableObjective.Judged;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CarryingLookaheadTest {
  private static final int TOKENS = 7;
  private static final int ROWS = 3;
  private static final int CONTEXT = 5;
  private static final int AHEAD = 4;

  /** Without dropout, so that two ways to the same logits can be compared. */
  enum Net {
    LSTM(device -> new LstmComposer(device, new LstmComposer.Sizes(TOKENS, 5, 6, 2, 16, 0), 1)),
    WAVENET(
        device ->
            new WaveNetComposer(
                device, new WaveNetComposer.Sizes(TOKENS, 5, 4, 6, 2, 1, 3, 16, 0), 1)),
    /** It sees no further than 4 tokens back. */
    SHORT_SIGHTED_WAVENET(
        device ->
            new WaveNetComposer(
                device, new WaveNetComposer.Sizes(TOKENS, 5, 4, 6, 2, 1, 2, 16, 0), 1));

    private final Function<Device, SequenceModel> make;

    Net(Function<Device, SequenceModel> make) {
      this.make = make;
    }

    SequenceModel on(Device device) {
      return make.apply(device);
    }
  }

  private static WindowBatch batch() {
    var random = new PhiloxRandom(4, 0);
    return new WindowBatch(
        ROWS,
        CONTEXT,
        AHEAD,
        random.ints(ROWS * CONTEXT, 0, TOKENS).toArray(),
        new int[0],
        random.ints(ROWS * AHEAD, 0, TOKENS).toArray(),
        new boolean[ROWS * (AHEAD - 1)]);
  }

  private static List<Tensor> inputs(LookaheadObjective objective) {
    return objective.inputs(batch()).stream().map(input -> input.on(objective.device())).toList();
  }

  /** The context and the predictions fed back, read as one sequence that grows. */
  private static Tensor lossOfWholeSequences(
      SequenceModel model, List<Tensor> inputs, int[] predictions) {
    Tensor sequence = inputs.getFirst();
    Tensor loss = null;
    for (int ahead = 0; ahead < AHEAD; ahead++) {
      Tensor logits = model.logits(sequence, Mode.training(0, 0));
      Tensor step = CrossEntropy.crossEntropy(logits, inputs.get(1 + ahead));
      loss = loss == null ? step : loss.plus(step);
      int[] column = new int[ROWS];
      System.arraycopy(predictions, ahead * ROWS, column, 0, ROWS);
      sequence =
          Tensor.concat(1, sequence, Tensor.ofInts(sequence.device(), Shape.of(ROWS, 1), column));
    }
    return Objects.requireNonNull(loss);
  }

  @ParameterizedTest
  @EnumSource
  void lossAndGradientsAreThoseOfReadingTheWholeSequence(Net net) {
    SequenceModel model = net.on(Device.reference());
    var objective = Lookahead.CARRY.objective(model, Device.reference(), AHEAD);
    try (var _ = Scope.open()) {
      List<Tensor> inputs = inputs(objective);
      Judged judged = objective.judge(inputs, Mode.training(0, 0));
      Tensor expected = lossOfWholeSequences(model, inputs, judged.predictions().toIntArray());

      SameLearning.require(model, expected, judged.loss());
    }
  }

  @ParameterizedTest
  @EnumSource
  void theProcessorAgreesWithTheReference(Net net) {
    List<Double> losses = new ArrayList<>();
    for (Device device : List.of(Device.reference(), Device.cpu())) {
      try (var _ = Scope.open()) {
        var objective = Lookahead.CARRY.objective(net.on(device), device, AHEAD);
        losses.add(objective.judge(inputs(objective), Mode.training(0, 0)).loss().item());
      }
    }
    assertEquals(losses.getFirst(), losses.getLast(), 1e-4);
  }

  /** Carrying on, the network still knows the first token; sliding, it has lost it. */
  @Test
  void itDiffersFromSlidingFromTheSecondStepOn() {
    SequenceModel model = Net.LSTM.on(Device.cpu());
    try (var _ = Scope.inference()) {
      assertEquals(
          loss(Lookahead.SLIDE.objective(model, Device.cpu(), 1)), loss(carrying(model, 1)));
      assertNotEquals(
          loss(Lookahead.SLIDE.objective(model, Device.cpu(), 2)), loss(carrying(model, 2)));
    }
  }

  private static LookaheadObjective carrying(SequenceModel model, int ahead) {
    return Lookahead.CARRY.objective(model, Device.cpu(), ahead);
  }

  private static double loss(Objective<WindowBatch> objective) {
    return objective.measure(batch(), Mode.EVALUATION).loss().item();
  }

  @Test
  void moreStepsThanTheWindowsHoldAreRefused() {
    SequenceModel model = Net.LSTM.on(Device.cpu());
    assertThrows(IllegalArgumentException.class, () -> carrying(model, 0));
    assertThrows(IllegalArgumentException.class, () -> loss(carrying(model, AHEAD + 1)));
  }
}
