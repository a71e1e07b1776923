package dev.impromptu.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.data.Examples;
import dev.impromptu.functional.Mode;
import dev.impromptu.io.Checkpoint;
import dev.impromptu.io.CheckpointException;
import dev.impromptu.io.JsonException;
import dev.impromptu.io.JsonObject;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.AdamW;
import dev.impromptu.optim.ReduceOnPlateau.Aim;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.train.CheckpointListener.Every;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenersTest {
  private static final Device DEVICE = Device.cpu();

  @TempDir Path folder;

  private record Ascending(int size) implements Examples<int[]> {
    @Override
    public int[] batch(int[] indices) {
      return indices;
    }
  }

  /** Learns to make nothing of what it is given. */
  private static final class Run {
    private final Linear layer = new Linear(DEVICE, 1, 1, new PhiloxRandom(1));
    private final AdamW adamW = new AdamW(layer, AdamW.Settings.of(0.1));

    Objective.Outcome measure(int[] numbers, Mode mode) {
      float[] x = new float[numbers.length];
      for (int i = 0; i < x.length; i++) {
        x[i] = numbers[i] * 0.1f;
      }
      Tensor y = layer.forward(Tensor.of(DEVICE, Shape.of(x.length, 1), x));
      return new Objective.Outcome(y.times(y).mean(), 1, 2);
    }

    Trainer<int[]> trainer(TrainingState state, TrainingListener... listeners) {
      return new Trainer<>(adamW, 4, 7, state, List.of(listeners));
    }

    boolean fit(Trainer<int[]> trainer, int epochs) {
      return trainer.fit(this::measure, new Ascending(10), new Ascending(5), epochs);
    }

    void setWeight(float value) {
      DEVICE
          .backend()
          .write(new float[] {value}, Module.parameters(layer).get("weight").value().writable());
    }

    float weight() {
      return Module.parameters(layer).get("weight").value().toFloatArray()[0];
    }
  }

  private static TrainingState after(double... losses) {
    List<EpochReport> history = new ArrayList<>();
    for (double loss : losses) {
      Metrics validation = new Metrics(loss, 1, 1, 1);
      history.add(new EpochReport(history.size(), validation, validation, 1, 1));
    }
    return new TrainingState(losses.length, 0, Metrics.NONE, 0, history);
  }

  @Test
  void trainingEndsWhenNothingHasGotBetterForTheWholePatience() {
    var two = EarlyStopping.onLoss(2);
    assertTrue(two.wantsMore(after()));
    assertTrue(two.wantsMore(after(5, 6)));
    assertFalse(two.wantsMore(after(5, 6, 5)));
    assertTrue(two.wantsMore(after(5, 6, 4, 4)));
    assertFalse(two.wantsMore(after(5, 6, 4, 4, 4)));
  }

  @Test
  void whatCountsAsBetterMayBeChosen() {
    var rising = new EarlyStopping(report -> report.validation().loss(), Aim.HIGHER, 1, 0.5);
    assertTrue(rising.wantsMore(after(1, 2)));
    assertFalse(rising.wantsMore(after(1, 1.25)));
    var falling = new EarlyStopping(report -> report.validation().loss(), Aim.LOWER, 1, 0.5);
    assertTrue(falling.wantsMore(after(2, 1.25)));
    assertFalse(falling.wantsMore(after(2, 1.75)));
    assertTrue(EarlyStopping.onLoss(1).wantsMore(after(Double.NaN, 9)));
    assertFalse(EarlyStopping.onLoss(1).wantsMore(after(9, Double.NaN)));
    assertThrows(IllegalArgumentException.class, () -> EarlyStopping.onLoss(0));
  }

  @Test
  void aTrainerThatEndsEarlyWasNotStoppedAndStaysSo() {
    var run = new Run();
    var never = new EarlyStopping(report -> 0, Aim.LOWER, 2, 0);
    var trainer = run.trainer(TrainingState.START, never);
    assertTrue(run.fit(trainer, 100));
    assertEquals(3, trainer.state().epoch());
    assertTrue(run.fit(trainer, 100));
    assertEquals(3, trainer.state().epoch());
  }

  @Test
  void theTableHasALineForEachEpochAfterAResumeToo() throws IOException {
    Path file = folder.resolve("metrics.csv");
    var run = new Run();
    var first = run.trainer(TrainingState.START, new CsvMetrics(file));
    run.fit(first, 1);
    Files.delete(file);
    run.fit(run.trainer(first.state(), new CsvMetrics(file)), 2);

    List<String> lines = Files.readAllLines(file);
    assertEquals(
        "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,examples_per_second,seconds",
        lines.get(0));
    assertEquals(3, lines.size());
    assertTrue(
        lines.get(1).matches("0,\\d\\.\\d{6},50\\.000,0\\.\\d{6},50\\.000,.*"), lines.get(1));
    assertTrue(lines.get(2).startsWith("1,"));
  }

  @Test
  void theTableSaysWhatAnEpochMeasured() throws IOException {
    Path file = folder.resolve("metrics.csv");
    var report = new EpochReport(7, new Metrics(3, 2, 1, 4), new Metrics(1, 4, 3, 4), 0.5, 1.5);
    new CsvMetrics(file).onEpochEnd(new TrainingState(8, 0, Metrics.NONE, 0, List.of(report)));
    assertEquals("7,1.500000,25.000,0.250000,75.000,4.0,1.5", Files.readAllLines(file).getLast());
  }

  @Test
  void theTableMayHaveMoreColumnsAndNameItsExamples() throws IOException {
    Path file = folder.resolve("metrics.csv");
    var run = new Run();
    List<CsvMetrics.Column> columns =
        List.of(
            new CsvMetrics.Column("next", report -> report.epoch() + 1),
            new CsvMetrics.Column("kind", report -> "plain"));
    run.fit(run.trainer(TrainingState.START, new CsvMetrics(file, "windows", columns)), 2);

    List<String> lines = Files.readAllLines(file);
    assertEquals(
        "epoch,next,kind,train_loss,train_accuracy,validation_loss,validation_accuracy,windows_per_second,seconds",
        lines.get(0));
    assertTrue(lines.get(2).matches("1,2,plain,\\d\\.\\d{6},50\\.000,.*"), lines.get(2));
    assertEquals(lines.get(0).split(",").length, lines.get(2).split(",").length);
  }

  @Test
  void aCheckpointMayBeDescribedOtherwise() throws IOException {
    Path saved = folder.resolve("described");
    var run = new Run();
    run.fit(
        run.trainer(
            TrainingState.START,
            new CheckpointListener(
                saved,
                run.layer,
                run.adamW,
                Every.minutes(60),
                state ->
                    JsonObject.builder()
                        .put("steps", run.adamW.steps())
                        .put("position", state.toJson())
                        .put("likes", "tea")
                        .build())),
        2);
    assertEquals("tea", Checkpoint.open(saved).description().string("likes"));
    var again = new Run();
    assertEquals(2, CheckpointListener.resume(saved, again.layer, again.adamW).epoch());
    assertEquals(run.weight(), again.weight());
  }

  @Test
  void aRunIsSavedEverySoManyStepsAndContinuesToTheLastBit() throws IOException {
    var whole = new Run();
    whole.fit(whole.trainer(TrainingState.START), 3);

    Path saved = folder.resolve("last");
    var first = new Run();
    var saving = new CheckpointListener(saved, first.layer, first.adamW, Every.steps(2));
    var breakingOff =
        new TrainingListener() {
          @Override
          public void onStep(TrainingState state) {
            if (first.adamW.steps() == 6) {
              throw new IllegalStateException("power cut");
            }
          }
        };
    var trainer = first.trainer(TrainingState.START, saving, breakingOff);
    assertThrows(IllegalStateException.class, () -> first.fit(trainer, 3));

    var second = new Run();
    TrainingState state = CheckpointListener.resume(saved, second.layer, second.adamW);
    assertEquals(1, state.epoch());
    assertEquals(2 + 4, second.adamW.steps() + state.batch() - 1);
    second.fit(second.trainer(state), 3);
    assertEquals(whole.weight(), second.weight());
  }

  @Test
  void aRunIsSavedWhenTimeHasPassedAndWhenItIsStopped() {
    var run = new Run();
    Path soon = folder.resolve("soon");
    Path late = folder.resolve("late");
    var eager =
        new CheckpointListener(soon, run.layer, run.adamW, new Every(99, Duration.ofNanos(1)));
    var lazy = new CheckpointListener(late, run.layer, run.adamW, Every.minutes(60));
    List<Boolean> savedSoFar = new ArrayList<>();
    List<Trainer<int[]>> trainers = new ArrayList<>();
    var stopping =
        new TrainingListener() {
          @Override
          public void onStep(TrainingState state) {
            savedSoFar.add(Files.exists(soon));
            savedSoFar.add(Files.exists(late));
            trainers.getFirst().stop();
          }
        };
    trainers.add(run.trainer(TrainingState.START, eager, lazy, stopping));
    assertFalse(run.fit(trainers.getFirst(), 1));

    assertEquals(List.of(true, false), savedSoFar);
    assertTrue(Files.exists(late));
  }

  @Test
  void afterASaveTheTimeBeginsAnew() throws InterruptedException {
    var run = new Run();
    int[] saves = {0};
    long start = System.nanoTime();
    var listener =
        new CheckpointListener(
            folder.resolve("timed"),
            run.layer,
            run.adamW,
            new Every(99, Duration.ofMillis(300)),
            state -> {
              saves[0]++;
              return CheckpointListener.position(state, run.adamW);
            });
    Thread.sleep(310);
    for (int step = 0; step < 20; step++) {
      listener.onStep(TrainingState.START);
    }
    long intervals = (System.nanoTime() - start) / 300_000_000;
    assertTrue(saves[0] >= 1 && saves[0] <= intervals, saves[0] + " in " + intervals);
  }

  @Test
  void aTimeThatNeverComesSavesNothing() {
    var run = new Run();
    Path never = folder.resolve("never");
    for (Every every :
        List.of(Every.minutes(200_000_000), new Every(99, ChronoUnit.FOREVER.getDuration()))) {
      new CheckpointListener(never, run.layer, run.adamW, every).onStep(TrainingState.START);
      assertFalse(Files.exists(never), every.toString());
    }
  }

  @Test
  void aDirectoryThatHoldsSomethingElseIsRefusedBeforeTraining() throws IOException {
    var run = new Run();
    Path notes = Files.writeString(folder.resolve("notes.txt"), "mine");
    var e =
        assertThrows(
            UncheckedIOException.class,
            () -> new CheckpointListener(folder, run.layer, run.adamW, Every.minutes(10)));
    assertTrue(e.getCause() instanceof CheckpointException, e.toString());
    assertTrue(e.getMessage().contains("holds notes.txt, "), e.getMessage());
    assertEquals("mine", Files.readString(notes));
  }

  @Test
  void aRunThatHasGoneAstrayIsSavedToo() throws IOException {
    TrainingState state = after(Double.NaN, 1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
    assertEquals(state, TrainingState.of(state.toJson()));
    var broken = JsonObject.builder().put("loss", "much").build();
    var e = assertThrows(JsonException.class, () -> Numbers.of(broken, "loss"));
    assertTrue(e.getMessage().endsWith("expected a number, NaN, Infinity or -Infinity, met much"));

    Path saved = folder.resolve("astray");
    var run = new Run();
    var listener = new CheckpointListener(saved, run.layer, run.adamW, Every.steps(1));
    run.trainer(TrainingState.START, listener)
        .fit(
            (numbers, mode) ->
                new Objective.Outcome(run.measure(numbers, mode).loss().times(Double.NaN), 1, 2),
            new Ascending(10),
            new Ascending(5),
            1);
    var again = new Run();
    TrainingState read = CheckpointListener.resume(saved, again.layer, again.adamW);
    assertTrue(Double.isNaN(read.history().getFirst().validation().loss()));
  }

  @Test
  void whatAListenerMakesIsClosedWhenItReturns() {
    var run = new Run();
    List<Tensor> made = new ArrayList<>();
    List<Boolean> open = new ArrayList<>();
    var making =
        new TrainingListener() {
          private void make() {
            open.add(!made.isEmpty() && isOpen(made.getLast()));
            made.add(Tensor.zeros(DEVICE, Shape.of(3)));
          }

          @Override
          public void onEpochStart(TrainingState state, int batches) {
            make();
          }

          @Override
          public void onStep(TrainingState state) {
            make();
          }

          @Override
          public void onEpochEnd(TrainingState state) {
            make();
          }

          @Override
          public boolean wantsMore(TrainingState state) {
            make();
            return true;
          }
        };
    run.fit(run.trainer(TrainingState.START, making), 2);
    assertEquals(2 * (1 + 1 + 3 + 1), made.size());
    assertFalse(open.contains(true), open.toString());
  }

  private static boolean isOpen(Tensor tensor) {
    try {
      tensor.storage();
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  @Test
  void theLearningRateIsSavedWithTheRun() throws IOException {
    Path saved = folder.resolve("rate");
    var run = new Run();
    run.adamW.learningRate(0.025);
    run.fit(
        run.trainer(
            TrainingState.START,
            new CheckpointListener(saved, run.layer, run.adamW, Every.minutes(60))),
        1);
    var again = new Run();
    CheckpointListener.resume(saved, again.layer, again.adamW);
    assertEquals(0.025, again.adamW.learningRate());

    Path description = saved.resolve("model.json");
    String text = Files.readString(description);
    Files.writeString(description, text.replace("0.025", "-1"));
    var other = new Run();
    float before = other.weight() + 1;
    other.setWeight(before);
    var e =
        assertThrows(
            CheckpointException.class,
            () -> CheckpointListener.resume(saved, other.layer, other.adamW));
    assertTrue(e.getMessage().contains("learning_rate: expected at least 0, met -1"));
    assertEquals(before, other.weight());

    // As they were written before.
    Files.writeString(description, text.replaceAll(",\\s*\"learning_rate\": 0.025", ""));
    CheckpointListener.resume(saved, other.layer, other.adamW);
    assertEquals(0.1, other.adamW.learningRate());
    assertEquals(run.weight(), other.weight());
  }

  @Test
  void aRunThatIsSavedWhileItIsReadIsReadAsOne() throws IOException {
    Path saved = folder.resolve("busy");
    var run = new Run();
    var trainer =
        run.trainer(
            TrainingState.START,
            new CheckpointListener(saved, run.layer, run.adamW, Every.minutes(60)));
    run.fit(trainer, 1);
    var again = new Run();
    boolean[] met = {false};
    Module busy =
        visitor -> {
          if (!met[0]) {
            met[0] = true;
            run.fit(trainer, 2);
          }
          again.layer.visit(visitor);
        };
    TrainingState state = CheckpointListener.resume(saved, busy, again.adamW);
    assertTrue(met[0]);
    assertEquals(2, state.epoch());
    assertEquals(6, again.adamW.steps());
    assertEquals(run.weight(), again.weight());
  }

  @Test
  void theBestEpochIsKept() throws IOException {
    Path saved = folder.resolve("runs/best");
    var run = new Run();
    double[] losses = {Double.NaN, 3, 1, 2, 1};
    int[] epochs = {0};
    List<Float> weights = new ArrayList<>();
    var weighing =
        new TrainingListener() {
          @Override
          public void onEpochEnd(TrainingState state) {
            weights.add(run.weight());
          }
        };
    var keeping =
        new BestCheckpoint(
            saved,
            run.layer,
            run.adamW,
            state -> state.best(report -> report.validation().loss(), Aim.LOWER));
    run.trainer(TrainingState.START, weighing, keeping)
        .fit(
            run::measure,
            new Ascending(10),
            (numbers, mode) ->
                new Objective.Outcome(Tensor.full(DEVICE, Shape.of(), losses[epochs[0]++]), 1, 2),
            new Ascending(5),
            losses.length);
    var again = new Run();
    TrainingState state = CheckpointListener.resume(saved, again.layer, again.adamW);
    assertEquals(3, state.epoch());
    assertEquals(weights.get(2), again.weight());

    Files.writeString(saved.resolve("notes.txt"), "mine");
    assertThrows(
        UncheckedIOException.class,
        () -> new BestCheckpoint(saved, run.layer, run.adamW, TrainingState::best));
  }

  @Test
  void aStopAfterTheLastEpochHasNothingToEnd() {
    var run = new Run();
    List<Trainer<int[]>> trainers = new ArrayList<>();
    List<String> told = new ArrayList<>();
    var stopping =
        new TrainingListener() {
          @Override
          public void onEpochEnd(TrainingState state) {
            trainers.getFirst().stop();
          }

          @Override
          public void onStop(TrainingState state) {
            told.add("stopped in epoch " + state.epoch());
          }
        };
    trainers.add(run.trainer(TrainingState.START, stopping));
    assertTrue(run.fit(trainers.getFirst(), 1));
    assertEquals(List.of(), told);
    assertFalse(run.fit(trainers.getFirst(), 2));
    assertEquals(List.of("stopped in epoch 1"), told);
  }

  @Test
  void anotherDirectoryIsNoSavedRun() throws IOException {
    var run = new Run();
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Files.writeString(empty.resolve("model.json"), "{}");
    var e =
        assertThrows(
            CheckpointException.class,
            () -> CheckpointListener.resume(empty, run.layer, run.adamW));
    assertTrue(e.getMessage().contains("is damaged: "), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Every.steps(0));
  }

  @Test
  void perplexityIsTheExponentialOfTheMeanLoss() {
    assertEquals(4, new Metrics(3 * Math.log(4), 3, 0, 3).perplexity(), 1e-12);
  }

  @Test
  void aConfusionMatrixCountsWhatWasTakenForWhat() {
    var matrix = new ConfusionMatrix(3);
    matrix.add(new int[] {0, 0, 0, 1, 1}, new int[] {0, 0, 1, 1, 0});
    assertEquals(1, matrix.count(0, 1));
    assertEquals(3.0 / 5, matrix.accuracy());
    assertArrayEquals(
        new double[] {2.0 / 3, 2.0 / 3, 2.0 / 3, 1.0 / 2, 1.0 / 2, 1.0 / 2},
        new double[] {
          matrix.precision(0), matrix.recall(0), matrix.f1(0),
          matrix.precision(1), matrix.recall(1), matrix.f1(1)
        },
        1e-12);
    assertTrue(Double.isNaN(matrix.precision(2)));
    assertThrows(IllegalArgumentException.class, () -> matrix.add(new int[] {3}, new int[] {0}));
    assertThrows(IllegalArgumentException.class, () -> matrix.add(new int[1], new int[2]));
    assertThrows(IllegalArgumentException.class, () -> new ConfusionMatrix(1));
  }

  @Test
  void precisionIsOfWhatWasTakenForAClassAndRecallOfWhatWasOfIt() {
    var matrix = new ConfusionMatrix(2);
    matrix.add(new int[] {0, 0, 0, 1}, new int[] {0, 1, 1, 1});
    assertEquals(2, matrix.count(0, 1));
    assertEquals(0, matrix.count(1, 0));
    assertEquals(1, matrix.precision(0));
    assertEquals(1.0 / 3, matrix.recall(0));
    assertEquals(1.0 / 3, matrix.precision(1));
    assertEquals(1, matrix.recall(1));
  }
}
