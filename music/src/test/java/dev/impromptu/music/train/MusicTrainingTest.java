package dev.impromptu.music.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.Precision;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.SplitKind;
import dev.impromptu.music.data.TokenizedPiece;
import dev.impromptu.music.model.Architectures;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.SequenceModel;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.music.model.WindowExamples;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.optim.ReduceOnPlateau;
import dev.impromptu.tensor.Device;
import dev.impromptu.train.EarlyStopping;
import dev.impromptu.train.Trainer;
import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MusicTrainingTest {
  private static final DatasetOptions OPTIONS =
      new DatasetOptions(1, false, SplitKind.PIECE, 0, 8, 2);
  private static final TrainingSettings SETTINGS =
      new TrainingSettings(
          "seed",
          OPTIONS,
          new LstmComposer.Sizes(5, 4, 4, 1, 4, 0).toJson(),
          TrainingPlan.DEFAULTS.withBatchSize(16).withLearningRate(1e-2),
          0,
          Precision.FP32);

  @TempDir Path folder;

  private static MusicDataset dataset(String lastPiece, DatasetOptions options) {
    List<TokenizedPiece> pieces =
        IntStream.range(0, 4)
            .mapToObj(
                p ->
                    new TokenizedPiece(
                        "p" + p, List.of((p == 3 ? lastPiece : "01234".repeat(p + 4)).split(""))))
            .toList();
    return MusicDataset.prepare(pieces, options);
  }

  private static MusicDataset dataset() {
    return dataset("43210".repeat(7), OPTIONS);
  }

  private MusicTraining start(TrainingListener... listeners) throws IOException {
    Files.createDirectories(folder);
    return MusicTraining.start(
        new ModelDirectory(folder), SETTINGS, dataset(), Device.best(), listeners);
  }

  @Test
  void lastIsWrittenAfterAllOthers() throws IOException {
    // In the way of metrics.csv.
    Files.createDirectories(folder.resolve("metrics.csv/full"));

    assertThrows(IOException.class, () -> start().run(1));

    assertTrue(Files.exists(folder.resolve("best/model.json")));
    assertFalse(Files.exists(folder.resolve("last")));
  }

  @Test
  void aListenerThatThrowsKeepsTheEpochFromBeingSaved() throws IOException {
    TrainingListener refuses =
        new TrainingListener() {
          @Override
          public void onEpochEnd(TrainingState state) {
            throw new IllegalStateException("diverged");
          }
        };

    assertThrows(IllegalStateException.class, () -> start(refuses).run(1));

    try (var files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"best", "last"})
  void whatElseStandsInACheckpointsFolderIsNotDeleted(String name) throws IOException {
    Path notes = folder.resolve(name).resolve("notes.txt");
    Files.createDirectories(folder.resolve(name));
    Files.writeString(notes, "mine");

    var e = assertThrows(UncheckedIOException.class, this::start);

    assertTrue(e.getMessage().contains(name + " holds notes.txt, "), e.getMessage());
    assertEquals("mine", Files.readString(notes));
  }

  /** Of a curriculum whose phases end after 2, 3 and 5 epochs. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void aListenerThatWantsNoMoreEndsTheRunForGood(int patience) throws IOException {
    var never = new EarlyStopping(report -> 0, ReduceOnPlateau.Aim.LOWER, patience, 0);
    var training =
        MusicTraining.start(
            new ModelDirectory(folder),
            settings("1x2,2x1,1x2", Lookahead.SLIDE),
            dataset(),
            Device.best(),
            never);

    assertTrue(training.run(99));
    assertEquals(patience + 1, training.state().epoch());
    assertTrue(training.run(99));
    assertEquals(patience + 1, training.state().epoch());
    TrainedModel last = TrainedModel.open(folder.resolve("last"), Device.best());
    assertEquals(patience + 1, last.state().epoch());
  }

  @Test
  void theModelNamesThePiecesOfEveryPart() throws IOException {
    start().run(1);

    TrainedModel model = TrainedModel.open(folder.resolve("last"), Device.best());

    assertEquals(4, model.pieces().size());
    assertEquals(
        List.of("test", "train", "validation"),
        model.pieces().stream().map(LearnedPiece::part).distinct().sorted().toList());
    assertEquals(LearnedPiece.all(dataset()), model.pieces());
    var pieceP0 = new TokenizedPiece("", List.of("01234".repeat(4).split("")));
    assertTrue(
        model.pieces().stream()
            .anyMatch(
                piece ->
                    piece.title().equals("p0") && piece.sha256().equals(pieceP0.fingerprint())));
  }

  /** No two pieces have the same tempo, so two parts have one that was not learned. */
  @Test
  void aPrimerWhoseTempoIsUnknownBeginsWithTheNearestThatIsKnown() throws IOException {
    List<TokenizedPiece> pieces =
        IntStream.range(0, 4)
            .mapToObj(
                p ->
                    new TokenizedPiece(
                        "p" + p, List.of(("t" + 20 * (p + 2) + " n60 |".repeat(20)).split(" "))))
            .toList();
    MusicDataset dataset = MusicDataset.prepare(pieces, OPTIONS);
    int known = dataset.vocabulary().size();
    var settings =
        new TrainingSettings(
            "rhythm",
            OPTIONS,
            new LstmComposer.Sizes(known, 4, 4, 1, 4, 0).toJson(),
            SETTINGS.plan(),
            0,
            Precision.FP32);
    MusicTraining.start(new ModelDirectory(folder), settings, dataset, Device.best()).run(1);

    var primers =
        TrainedModel.open(folder.resolve("last"), Device.best()).primers().stream()
            .map(primer -> String.join(" ", dataset.vocabulary().decode(primer)))
            .toList();

    assertEquals(
        List.of("t40", "t60"),
        dataset.vocabulary().tokens().stream()
            .filter(token -> token.startsWith("t"))
            .sorted()
            .toList());
    String rest = " n60 | n60 | n60 | n60";
    // Those of 80 and 100 beats a minute are held out.
    assertEquals(List.of("t60" + rest, "t60" + rest, "t40" + rest, "t60" + rest), primers);
  }

  @Test
  void otherPiecesAreNotContinuedOn() throws IOException {
    start().run(1);
    MusicDataset other = dataset("eeee43210".repeat(4), OPTIONS);

    var thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> MusicTraining.resume(new ModelDirectory(folder), SETTINGS, other, Device.best()));

    String message = String.valueOf(thrown.getMessage());
    assertTrue(
        message.contains("pieces: of 4 1 are not among the 4 there, of which 1 are missing"),
        message);
  }

  @Test
  void splitByWindowEveryPieceIsNamedOnce() {
    List<LearnedPiece> all =
        LearnedPiece.all(dataset("43210".repeat(7), OPTIONS.withSplit(SplitKind.WINDOW)));

    assertEquals(
        List.of("train p0", "train p1", "train p2", "train p3"),
        all.stream().map(piece -> piece.part() + " " + piece.title()).toList());
  }

  private static TrainingSettings settings(String curriculum, Lookahead lookahead) {
    return new TrainingSettings(
        "seed",
        OPTIONS,
        new LstmComposer.Sizes(5, 4, 4, 1, 4, 0.2).toJson(),
        TrainingPlan.DEFAULTS
            .withCurriculum(Curriculum.parse(curriculum))
            .withLookahead(lookahead)
            .withBatchSize(16)
            .withLearningRate(1e-2),
        0,
        Precision.FP32);
  }

  /** Counts steps, whichever trainer they are made by, and asks to stop after one of them. */
  private static final class Stopper implements TrainingListener {
    private final int after;
    private int steps;
    private @Nullable MusicTraining training;

    Stopper(int after) {
      this.after = after;
    }

    @Override
    public void onStep(TrainingState state) {
      if (++steps == after && training != null) {
        training.stop();
      }
    }
  }

  /** Each epoch has two steps, so the run stops in, between and at the end of phases. */
  @ParameterizedTest
  @CsvSource({"1, SLIDE", "2, CARRY", "3, CARRY", "3, SLIDE", "4, CARRY", "5, CARRY"})
  void aCurriculumThatStoppedAnywhereContinuesToTheSameBits(int stopAfter, Lookahead lookahead)
      throws IOException {
    TrainingSettings settings = settings("1x1,2x2", lookahead);
    var straight = new ModelDirectory(Files.createDirectory(folder.resolve("straight")));
    var whole = MusicTraining.start(straight, settings, dataset(), Device.best());
    assertTrue(whole.run(99));
    assertEquals(3, whole.state().epoch());

    var broken = new ModelDirectory(Files.createDirectory(folder.resolve("broken")));
    var stopper = new Stopper(stopAfter);
    stopper.training = MusicTraining.start(broken, settings, dataset(), Device.best(), stopper);
    assertFalse(stopper.training.run(3));
    var resumed = MusicTraining.resume(broken, settings, dataset(), Device.best());
    assertTrue(resumed.run(3));

    for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
      assertArrayEquals(
          Files.readAllBytes(straight.last().resolve(file)),
          Files.readAllBytes(broken.last().resolve(file)),
          file);
    }
    for (int epoch = 0; epoch < 3; epoch++) {
      var expected = whole.state().history().get(epoch);
      assertEquals(expected.validation(), resumed.state().history().get(epoch).validation());
      assertEquals(expected.training(), resumed.state().history().get(epoch).training());
    }
  }

  @Test
  void everyPhaseIsValidatedOnAsManyTokensAsItForetells() throws IOException {
    var directory = new ModelDirectory(folder);
    var training =
        MusicTraining.start(
            directory, settings("1x1,2x1", Lookahead.CARRY), dataset(), Device.best());
    training.run(2);

    var history = training.state().history();
    assertEquals(2 * history.get(0).validation().total(), history.get(1).validation().total());
    assertEquals(2 * history.get(0).training().total(), history.get(1).training().total());
    List<String> metrics = Files.readAllLines(directory.metrics());
    assertTrue(metrics.get(1).startsWith("0,1,"), metrics.get(1));
    assertTrue(metrics.get(2).startsWith("1,2,"), metrics.get(2));
  }

  @Test
  void theBestIsThatOfThePhaseReachedLast() throws IOException {
    var training =
        MusicTraining.start(
            new ModelDirectory(folder),
            settings("1x2,2x1", Lookahead.SLIDE),
            dataset(),
            Device.best());
    training.run(2);
    assertTrue(training.best().orElseThrow().epoch() < 2);
    training.run(3);
    assertEquals(2, training.best().orElseThrow().epoch());
    assertEquals(
        3, TrainedModel.open(new ModelDirectory(folder).best(), Device.best()).state().epoch());
  }

  @Test
  void aCurriculumMayBeProlongedButItsPastMayNotBeChanged() throws IOException {
    var directory = new ModelDirectory(folder);
    MusicTraining.start(directory, settings("1x1", Lookahead.CARRY), dataset(), Device.best())
        .run(1);

    var longer = settings("1x1,2x1", Lookahead.CARRY);
    MusicTraining.resume(directory, longer, dataset(), Device.best()).run(2);
    var other = settings("2x3", Lookahead.CARRY);
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> MusicTraining.resume(directory, other, dataset(), Device.best()));
    String message = String.valueOf(error.getMessage());
    assertTrue(message.contains("plan.curriculum: \"2x3\", there \"1x1,2x1\""), message);
  }

  /** An epoch has two steps. */
  @Test
  void aPhaseWhoseFirstEpochWasBegunMayNotBeChanged() throws IOException {
    var directory = new ModelDirectory(folder);
    var stopper = new Stopper(1);
    stopper.training =
        MusicTraining.start(
            directory, settings("2x1", Lookahead.CARRY), dataset(), Device.best(), stopper);
    assertFalse(stopper.training.run(1));
    assertEquals(0, stopper.training.state().epoch());

    var other = settings("1x1", Lookahead.CARRY);
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> MusicTraining.resume(directory, other, dataset(), Device.best()));
    String message = String.valueOf(error.getMessage());
    assertTrue(message.contains("plan.curriculum: \"1x1\", there \"2x1\""), message);
  }

  private static TrainingSettings seeded(long seed) {
    return new TrainingSettings(
        "seed",
        OPTIONS.withSeed(seed),
        new LstmComposer.Sizes(5, 4, 4, 1, 4, 0.2).toJson(),
        SETTINGS.plan().withCourse(TrainingPlan.Course.CONSTANT),
        20,
        Precision.FP32);
  }

  private MusicTraining start(long seed, MusicDataset dataset) {
    return MusicTraining.start(new ModelDirectory(folder), seeded(seed), dataset, Device.best());
  }

  private static double[] parameters(SequenceModel model) {
    return Module.parameters(model).values().stream()
        .flatMapToDouble(parameter -> Arrays.stream(parameter.value().toDoubleArray()))
        .toArray();
  }

  @Test
  void anotherSeedBeginsWithOtherParameters() {
    double[] first = parameters(start(0, dataset()).model());

    assertArrayEquals(first, parameters(start(0, dataset()).model()));
    assertFalse(Arrays.equals(first, parameters(start(1, dataset()).model())));
  }

  /** Trained once more by hand with the seed: of 20 windows, in the same order and dropout. */
  @Test
  void theSeedDecidesWhatIsLearnedFromAndInWhichOrder() throws IOException {
    MusicDataset dataset = dataset("43210".repeat(7), OPTIONS.withSeed(1));
    var training = start(1, dataset);
    assertTrue(training.run(1));

    Device device = Device.best();
    SequenceModel model = Architectures.build(device, seeded(1).architecture(), 1);
    var byHand =
        new Trainer<WindowBatch>(new Adam(model, 1e-2, 1), 16, 1, TrainingState.START, List.of());
    assertTrue(
        byHand.fit(
            Lookahead.CARRY.objective(model, device, 1),
            new WindowExamples(dataset.training().windows().sample(20, 1)),
            new WindowExamples(dataset.validation().windows()),
            1));
    assertArrayEquals(parameters(model), parameters(training.model()));
  }

  @Test
  void moreNotesAheadThanTheWindowsHoldAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            MusicTraining.start(
                new ModelDirectory(folder),
                settings("3x1", Lookahead.CARRY),
                dataset(),
                Device.best()));
  }

  @Test
  void theOriginalsPlanIsTheOriginals() {
    TrainingPlan plan = TrainingPlan.ORIGINAL;
    assertEquals("1x25,4x20,8x45", plan.curriculum().toString());
    assertEquals(Lookahead.SLIDE, plan.lookahead());
    assertEquals(8, plan.batchSize());
    for (long step : new long[] {0, 1000, 600_000}) {
      assertEquals(1e-4, plan.schedule(56_095).rate(step, List.of()));
    }
    assertEquals(TrainingPlan.UNLIMITED, plan.maxNorm());
  }

  /** A hundred steps an epoch, of which the last is not full, and thirty epochs. */
  @Test
  void theDefaultRateRisesAndThenFallsUntilTheLastEpoch() {
    var schedule = TrainingPlan.DEFAULTS.schedule(6350);
    assertEquals(5e-6, schedule.rate(0, List.of()), 1e-12);
    assertEquals(1e-3, schedule.rate(199, List.of()), 1e-12);
    assertEquals(5.1e-4, schedule.rate(1600, List.of()), 1e-12);
    assertEquals(2e-5, schedule.rate(3000, List.of()), 1e-12);
  }

  @Test
  void everyPlanIsReadAsItWasWritten() {
    assertEquals(TrainingPlan.ORIGINAL, TrainingPlan.of(TrainingPlan.ORIGINAL.toJson()));
    assertEquals(TrainingPlan.DEFAULTS, TrainingPlan.of(TrainingPlan.DEFAULTS.toJson()));
  }
}
