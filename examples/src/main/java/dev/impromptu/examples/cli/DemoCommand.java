package dev.impromptu.examples.cli;

import dev.impromptu.backend.Precision;
import dev.impromptu.music.data.Baselines;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.SplitKind;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.WindowExamples;
import dev.impromptu.music.sample.Sampling;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.token.RhythmTokenizer;
import dev.impromptu.music.train.Curriculum;
import dev.impromptu.music.train.ModelDirectory;
import dev.impromptu.music.train.TrainedModel;
import dev.impromptu.music.train.TrainingPlan;
import dev.impromptu.music.train.TrainingSettings;
import dev.impromptu.tensor.Device;
import dev.impromptu.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** From nothing to a piece of music in one command. */
@Command(
    name = "demo",
    description = {
      "Train a small network on the songbook, judge it on other passages of the same pieces, and"
          + " compose with it. Takes about two minutes.",
      "Leaves demo.mid, demo.png, demo.wav, curves.png and the model; replaces those of an"
          + " earlier demo."
    })
final class DemoCommand implements Callable<Integer> {
  private static final String DIRECTORY = "impromptu-demo";
  private static final String MODEL_NAME = "model";

  private static final String TOKENS = RhythmTokenizer.NAME;
  private static final int EPOCHS = 40;
  private static final Duration BUDGET = Duration.ofSeconds(90);
  private static final int BATCH = 16;
  private static final double LEARNING_RATE = 2e-3;
  private static final int NOTES = 192;
  private static final double BEATS_PER_MINUTE = 96;

  /** A little surer than the network is, and never what it thinks unlikely. */
  private static final Sampling SAMPLING = Sampling.DEFAULTS.withTemperature(0.85).withTopP(0.95);

  private static final long SEED = 0;

  /** How much better than the commonest note the network must be to have learned something. */
  private static final double WANTED_RATIO = 1.5;

  private final Session session;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = DIRECTORY,
      description = "Where its files go (default: ./${DEFAULT-VALUE}).")
  private Path out = Path.of(DIRECTORY);

  @Option(
      names = "--epochs",
      hidden = true,
      paramLabel = "N",
      defaultValue = "" + EPOCHS,
      description = "Epochs to train, for tests.")
  private int epochs = EPOCHS;

  DemoCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(out);
    List<Score> scores = SourceOptions.songbook();
    DatasetOptions options =
        DatasetOptions.DEFAULTS
            .withMinCount(DataOptions.RHYTHM_MIN_COUNT)
            .withSplit(SplitKind.PASSAGE)
            .withSeed(SEED);
    MusicDataset dataset = Datasets.prepare(scores, TOKENS, options);
    Datasets.tell(session, scores.size(), TOKENS, dataset);
    var settings =
        new TrainingSettings(
            TOKENS,
            options,
            LstmComposer.Sizes.small(dataset.vocabulary().size()).toJson(),
            TrainingPlan.DEFAULTS
                .withCurriculum(Curriculum.nextToken(epochs))
                .withBatchSize(BATCH)
                .withLearningRate(LEARNING_RATE)
                // On a slow machine the demo ends before its last epoch.
                .withCourse(TrainingPlan.Course.CONSTANT),
            0,
            Precision.FP32);
    var directory = new ModelDirectory(out.resolve(MODEL_NAME));
    Device device = Device.best();
    int status =
        new TrainingRun(
                session,
                directory,
                settings,
                dataset,
                device,
                "the next demo begins anew",
                "a larger --epochs")
            .train(false, BUDGET);
    if (status != 0) {
      return status;
    }
    TrainedModel model = Models.open(directory.root(), true, device);
    boolean learned = judge(model, dataset, device);
    compose(model, device);
    Files.copy(directory.curves(), out.resolve("curves.png"), StandardCopyOption.REPLACE_EXISTING);
    session.figure("written", out.resolve("curves.png"));
    conclude(dataset, learned);
    return 0;
  }

  /** Measures it on the test part, which neither training nor the choice of the epoch has seen. */
  private boolean judge(TrainedModel model, MusicDataset dataset, Device device) {
    double accuracy =
        Trainer.evaluate(
                Lookahead.SLIDE.objective(model.model(), device, 1),
                new WindowExamples(dataset.test().windows()))
            .accuracy();
    // What is commonest in the test part itself: no constant guess can do better.
    var windows = dataset.test().windows();
    double commonest = 100 * Baselines.commonestToken(windows, windows, 1);
    session.figure("held_out_percent", accuracy, 2);
    session.figure("commonest_percent", commonest, 2);
    session.figure("times_commonest", accuracy / commonest, 2);
    return accuracy >= WANTED_RATIO * commonest;
  }

  private void compose(TrainedModel model, Device device) throws IOException {
    Composition.compose(
            session,
            model,
            device,
            "Impromptu, the demo",
            Primer.drawn(model, OptionalInt.empty(), SEED),
            new Composition.Wish(
                NOTES, SAMPLING, OptionalInt.empty(), OptionalDouble.of(BEATS_PER_MINUTE)),
            SEED)
        .write(
            session,
            new Composition.Files(
                out.resolve("demo.mid"), out.resolve("demo.wav"), null, out.resolve("demo.png")));
  }

  private void conclude(MusicDataset dataset, boolean learned) {
    Path model = out.resolve(MODEL_NAME);
    List.of(
            "",
            ("What it did: trained a network on %d passages of the songbook and judged it on %d"
                    + " windows of other passages of the same pieces; music that a piece repeats"
                    + " may stand in both.")
                .formatted(dataset.training().pieces().size(), dataset.test().windows().size()),
            learned
                ? "It is at least 1.5 times as good as always guessing the commonest note."
                : "It is NOT 1.5 times as good as always guessing the commonest note.",
            "Listen to:   "
                + out.resolve("demo.wav")
                + " (or play "
                + out.resolve("demo.mid")
                + ")",
            "Look at:     " + out.resolve("demo.png") + " and " + out.resolve("curves.png"),
            "Try next:    ./impromptu compose --model "
                + model
                + " --seed 1 --out mine.mid --wav mine.wav --png mine.png",
            "             ./impromptu train --midi FOLDER-OF-MIDI-FILES --out my-model")
        .forEach(session::say);
  }
}
