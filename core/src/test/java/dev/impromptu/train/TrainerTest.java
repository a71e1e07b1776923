package dev.impromptu.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.data.Examples;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.io.Checkpoint;
import dev.impromptu.io.JsonObject;
import dev.impromptu.nn.Dropout;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.optim.ReduceOnPlateau.Aim;
import dev.impromptu.optim.Schedule;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Learns which of two numbers is greater. */
class TrainerTest {
  private static final Device DEVICE = Device.cpu();

  private static final class Net implements Module {
    private final Linear first = new Linear(DEVICE, 2, 16, new PhiloxRandom(1));
    private final Linear second = new Linear(DEVICE, 16, 2, new PhiloxRandom(2));
    private final Dropout dropout = new Dropout(0.2);

    @Override
    public void visit(Visitor visitor) {
      visitor.child("first", first);
      visitor.child("second", second);
    }

    Objective.Outcome measure(float[][] batch, Mode mode) {
      float[] x = new float[2 * batch.length];
      int[] y = new int[batch.length];
      for (int i = 0; i < y.length; i++) {
        x[2 * i] = batch[i][0];
        x[2 * i + 1] = batch[i][1];
        y[i] = batch[i][0] > batch[i][1] ? 0 : 1;
      }
      Tensor hidden = first.forward(Tensor.of(DEVICE, Shape.of(y.length, 2), x)).relu();
      Tensor logits = second.forward(dropout.forward(hidden, mode));
      int[] guesses = logits.detach().argMax().toIntArray();
      int correct = 0;
      for (int i = 0; i < y.length; i++) {
        correct += guesses[i] == y[i] ? 1 : 0;
      }
      Tensor targets = Tensor.ofInts(DEVICE, Shape.of(y.length), y);
      return new Objective.Outcome(CrossEntropy.crossEntropy(logits, targets), correct, y.length);
    }

    float[] weights() {
      return Module.parameters(this).get("second.weight").value().toFloatArray();
    }
  }

  private record Pairs(int size, long seed) implements Examples<float[][]> {
    @Override
    public float[][] batch(int[] indices) {
      float[][] batch = new float[indices.length][];
      for (int i = 0; i < indices.length; i++) {
        var random = new PhiloxRandom(seed, indices[i]);
        batch[i] = new float[] {random.nextFloat(), random.nextFloat()};
      }
      return batch;
    }
  }

  private static final Pairs TRAINING = new Pairs(130, 1);
  private static final Pairs VALIDATION = new Pairs(200, 2);

  private static Trainer<float[][]> trainer(
      Net net, Adam adam, TrainingState state, TrainingListener... listeners) {
    return new Trainer<>(adam, 16, 7, state, List.of(listeners));
  }

  @Test
  void aModelLearns() {
    var net = new Net();
    var trainer = trainer(net, new Adam(net, 1e-2), TrainingState.START);
    assertTrue(trainer.fit(net::measure, TRAINING, VALIDATION, 20));
    EpochReport last = trainer.state().history().getLast();
    assertTrue(last.validation().accuracy() > 90, last.toString());
    assertEquals(130, last.training().examples());
    assertEquals(200, last.validation().total());
  }

  /** After its ninth step an epoch is validated. */
  @ParameterizedTest
  @ValueSource(ints = {13, 9})
  void aRunThatStoppedAnywhereContinuesToTheLastBit(int stopAfter, @TempDir Path folder)
      throws Exception {
    var whole = new Net();
    var straight = trainer(whole, new Adam(whole, 1e-2), TrainingState.START);
    straight.fit(whole::measure, TRAINING, VALIDATION, 3);

    var first = new Net();
    var firstAdam = new Adam(first, 1e-2);
    int[] steps = {0};
    Trainer<float[][]>[] stopped = newArray();
    TrainingListener stopper =
        new TrainingListener() {
          @Override
          public void onStep(TrainingState state) {
            if (++steps[0] == stopAfter) {
              stopped[0].stop();
            }
          }
        };
    stopped[0] = trainer(first, firstAdam, TrainingState.START, stopper);
    assertFalse(stopped[0].fit(first::measure, TRAINING, VALIDATION, 3));
    int epoch = (stopAfter - 1) / 9;
    assertEquals(epoch, stopped[0].state().epoch());
    assertEquals(stopAfter - 9 * epoch, stopped[0].state().batch());
    Checkpoint.save(
        folder.resolve("last"),
        JsonObject.builder().put("position", stopped[0].state().toJson()).build(),
        first,
        firstAdam);

    var second = new Net();
    var secondAdam = new Adam(second, 1e-2);
    Checkpoint checkpoint = Checkpoint.open(folder.resolve("last"));
    checkpoint.loadInto(second);
    checkpoint.loadInto(secondAdam, stopAfter);
    var resumed =
        trainer(second, secondAdam, TrainingState.of(checkpoint.description().object("position")));
    assertTrue(resumed.fit(second::measure, TRAINING, VALIDATION, 3));

    assertArrayEquals(whole.weights(), second.weights());
    for (int i = 0; i < 3; i++) {
      EpochReport expected = straight.state().history().get(i);
      EpochReport met = resumed.state().history().get(i);
      assertEquals(expected.training(), met.training());
      assertEquals(expected.validation(), met.validation());
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Trainer<float[][]>[] newArray() {
    return new Trainer[1];
  }

  @Test
  void theSecondsOfAnEpochsStepsAddUp() {
    var state =
        TrainingState.START.afterBatch(Metrics.NONE, 1.5).afterBatch(new Metrics(1, 7, 0, 0), 2);
    assertEquals(3.5, state.trainingSeconds());
    var report = new EpochReport(0, state.partial(), Metrics.NONE, state.trainingSeconds(), 9);
    assertEquals(2, report.examplesPerSecond());
    assertEquals(0, state.afterEpoch(report).trainingSeconds());
  }

  @Test
  void theBestEpochIsTheFirstOfTheHighestAccuracy() {
    var state = TrainingState.START;
    for (int correct : new int[] {3, 7, 7, 5}) {
      Metrics validation = new Metrics(1, 10, correct, 10);
      state =
          new TrainingState(
              state.epoch() + 1,
              0,
              Metrics.NONE,
              0,
              Stream.concat(
                      state.history().stream(),
                      Stream.of(new EpochReport(state.epoch(), Metrics.NONE, validation, 1, 2)))
                  .toList());
    }
    assertEquals(1, state.best().orElseThrow().epoch());
    assertEquals(2, state.best(2).orElseThrow().epoch());
    assertTrue(state.best(4).isEmpty());
  }

  @Test
  void theBestEpochMayBeThatOfTheLowestLoss() {
    List<EpochReport> history = new ArrayList<>();
    for (double loss : new double[] {Double.NaN, 4, 2, 2, 3}) {
      var validation = new Metrics(loss, 1, history.size(), 10);
      history.add(new EpochReport(history.size(), Metrics.NONE, validation, 1, 2));
    }
    var state = new TrainingState(5, 0, Metrics.NONE, 0, history);
    assertEquals(4, state.best().orElseThrow().epoch());
    assertEquals(
        2, state.best(report -> report.validation().loss(), Aim.LOWER).orElseThrow().epoch());
    assertTrue(TrainingState.START.best(report -> 1, Aim.LOWER).isEmpty());
  }

  @Test
  void everyStepHasTheRateOfTheSchedule() {
    var net = new Net();
    var adam = new Adam(net, 1);
    Schedule schedule = (steps, losses) -> 1e-3 / (1 + steps) + losses.size();
    List<Double> rates = new ArrayList<>();
    Objective<float[][]> watched =
        (batch, mode) -> {
          if (mode.isTraining()) {
            rates.add(adam.upcoming().learningRate());
          }
          return net.measure(batch, mode);
        };
    var scheduled = new ScheduledRate(adam, schedule, report -> report.validation().loss());
    trainer(net, adam, TrainingState.START, scheduled).fit(watched, TRAINING, VALIDATION, 2);

    assertEquals(
        IntStream.range(0, 18).mapToObj(step -> 1e-3 / (1 + step) + step / 9).toList(), rates);
  }

  @Test
  void aRunMayBeValidatedByAnotherObjective() {
    var net = new Net();
    var trainer = trainer(net, new Adam(net, 1e-2), TrainingState.START);
    Objective<float[][]> judge =
        (batch, mode) -> new Objective.Outcome(net.measure(batch, mode).loss(), 1, 2);
    trainer.fit(net::measure, TRAINING, judge, VALIDATION, 1);
    EpochReport report = trainer.state().history().getFirst();
    assertEquals(50, report.validation().accuracy());
    assertEquals(130, report.training().total());
  }
}
