package dev.impromptu.music.train;

import dev.impromptu.data.Examples;
import dev.impromptu.io.JsonObject;
import dev.impromptu.music.data.EncodedPiece;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.Windows;
import dev.impromptu.music.model.Architectures;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.SequenceModel;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.music.model.WindowExamples;
import dev.impromptu.music.originality.Fingerprint;
import dev.impromptu.music.token.Tokenizer;
import dev.impromptu.music.token.Tokenizers;
import dev.impromptu.music.token.Vocabulary;
import dev.impromptu.optim.Adam;
import dev.impromptu.tensor.Device;
import dev.impromptu.train.BestCheckpoint;
import dev.impromptu.train.CheckpointListener;
import dev.impromptu.train.CsvMetrics;
import dev.impromptu.train.EpochReport;
import dev.impromptu.train.ScheduledRate;
import dev.impromptu.train.Trainer;
import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One training run: a model, its optimizer and the files it leaves. {@code last} is written after
 * every epoch, every few minutes and when the run is stopped; {@code best} whenever validation
 * accuracy has risen within a phase of the curriculum; {@code metrics.csv} and {@code curves.png}
 * after every epoch.
 *
 * <p>Listeners are told before anything is saved, and nothing is if one throws. After an epoch
 * {@code last} is written when all other files are, so a run that breaks off between them repeats
 * the epoch.
 */
public final class MusicTraining {
  private static final int MINUTES_BETWEEN_SAVES = 5;
  private static final int PRIMERS = 16;

  private final ModelDirectory directory;
  private final TrainingSettings settings;
  private final MusicDataset dataset;
  private final SequenceModel model;
  private final Adam optimizer;
  private final Trainer<WindowBatch> trainer;
  private final Device device;
  private final Examples<WindowBatch> examples;
  private final List<int[]> primers;
  private final List<LearnedPiece> pieces;
  private final List<Fingerprint> fingerprints;

  private MusicTraining(
      ModelDirectory directory,
      TrainingSettings settings,
      MusicDataset dataset,
      SequenceModel model,
      Adam optimizer,
      Device device,
      TrainingState state,
      List<TrainingListener> listeners) {
    this.directory = directory;
    this.settings = settings;
    this.dataset = dataset;
    this.model = model;
    this.optimizer = optimizer;
    this.device = device;
    TrainingPlan plan = settings.plan();
    Windows windows = dataset.training().windows();
    this.examples =
        new WindowExamples(
            settings.limitWindows() == 0
                ? windows
                : windows.sample(settings.limitWindows(), settings.seed()));
    Tokenizer tokenizer = Tokenizers.named(settings.tokens());
    primers = primers(dataset, tokenizer, settings.data().contextLength());
    pieces = LearnedPiece.all(dataset);
    fingerprints = fingerprints(dataset, tokenizer);
    List<TrainingListener> all = new ArrayList<>();
    all.add(
        new ScheduledRate(
            optimizer, plan.schedule(examples.size()), report -> report.validation().accuracy()));
    // What finds a run worthless must be able to end it before that is saved.
    all.addAll(listeners);
    all.add(new BestCheckpoint(directory.best(), model, optimizer, _ -> best(), this::describe));
    all.add(
        new CsvMetrics(
            directory.metrics(),
            "windows",
            List.of(
                new CsvMetrics.Column(
                    "steps_ahead", report -> plan.curriculum().stepsAhead(report.epoch())))));
    all.add(new TrainingCurves(directory.curves(), plan.curriculum()));
    all.add(
        new CheckpointListener(
            directory.last(),
            model,
            optimizer,
            CheckpointListener.Every.minutes(MINUTES_BETWEEN_SAVES),
            this::describe));
    this.trainer = new Trainer<>(optimizer, plan.batchSize(), settings.seed(), state, all);
  }

  /**
   * A new run.
   *
   * @param dataset made with {@code settings.data()}
   * @throws UncheckedIOException when {@code best} or {@code last} is there and holds anything but
   *     a checkpoint, which would be deleted
   */
  public static MusicTraining start(
      ModelDirectory directory,
      TrainingSettings settings,
      MusicDataset dataset,
      Device device,
      TrainingListener... listeners) {
    requireFuture(settings);
    SequenceModel model = Architectures.build(device, settings.architecture(), settings.seed());
    Adam optimizer = optimizer(model, settings);
    return new MusicTraining(
        directory,
        settings,
        dataset,
        model,
        optimizer,
        device,
        TrainingState.START,
        Arrays.asList(listeners));
  }

  /**
   * Continues the run that left {@code directory/last}.
   *
   * @throws dev.impromptu.io.CheckpointException when there is none or it is damaged
   * @throws IllegalArgumentException when it was made with other settings or from other pieces,
   *     naming every difference
   */
  public static MusicTraining resume(
      ModelDirectory directory,
      TrainingSettings settings,
      MusicDataset dataset,
      Device device,
      TrainingListener... listeners)
      throws IOException {
    TrainedModel last = TrainedModel.open(directory.last(), device);
    TrainingState state = last.state();
    int begun = state.epoch() + (state.batch() == 0 ? 0 : 1);
    List<String> differences = new ArrayList<>(settings.differences(last.settings(), begun));
    LearnedPiece.difference(LearnedPiece.all(dataset), last.pieces())
        .ifPresent(difference -> differences.add("pieces: " + difference));
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "%s was trained with other settings (%s); give the same ones, or start anew with --force"
              .formatted(directory.root(), String.join("; ", differences)));
    }
    requireFuture(settings);
    Adam optimizer = optimizer(last.model(), settings);
    last.checkpoint().loadInto(optimizer, last.steps());
    return new MusicTraining(
        directory,
        settings,
        dataset,
        last.model(),
        optimizer,
        device,
        state,
        Arrays.asList(listeners));
  }

  private static Adam optimizer(SequenceModel model, TrainingSettings settings) {
    return new Adam(model, settings.plan().learningRate(), settings.plan().maxNorm());
  }

  private static void requireFuture(TrainingSettings settings) {
    int most = settings.plan().curriculum().mostAhead();
    if (most > settings.data().future()) {
      throw new IllegalArgumentException(
          "The curriculum %s foretells %d notes, but windows hold %d; give at most so many"
              .formatted(settings.plan().curriculum(), most, settings.data().future()));
    }
  }

  /** The network being trained. */
  public SequenceModel model() {
    return model;
  }

  /** How far training has come. */
  public TrainingState state() {
    return trainer.state();
  }

  /** Asks the run to stop and save after the current step; may be called from any thread. */
  public void stop() {
    trainer.stop();
  }

  /**
   * The complete epoch of the highest validation accuracy, the first of equals, among those of the
   * phase that the newest complete epoch belongs to: foretelling more notes is another task, and
   * its figures cannot be held against those of another phase.
   */
  public Optional<EpochReport> best() {
    TrainingState state = state();
    Curriculum curriculum = settings.plan().curriculum();
    // A run may be asked to go on for fewer epochs than it already has.
    int newest = Math.min(state.epoch(), curriculum.epochs()) - 1;
    return newest < 0 ? Optional.empty() : state.best(curriculum.phaseStart(newest));
  }

  /**
   * Trains until {@code epochs} epochs are complete in all, or the curriculum is, or until {@link
   * #stop}, or until a listener wants no more.
   *
   * @return false when {@link #stop} kept it from completing an epoch
   * @throws IOException when a checkpoint cannot be written
   */
  public boolean run(int epochs) throws IOException {
    Curriculum curriculum = settings.plan().curriculum();
    Examples<WindowBatch> validation = new WindowExamples(dataset.validation().windows());
    int until = Math.min(epochs, curriculum.epochs());
    try {
      while (state().epoch() < until) {
        int epoch = state().epoch();
        int ahead = curriculum.stepsAhead(epoch);
        int phaseEnd = Math.min(until, curriculum.phaseEnd(epoch));
        boolean complete =
            trainer.fit(
                settings.plan().lookahead().objective(model, device, ahead),
                examples,
                Lookahead.SLIDE.objective(model, device, ahead),
                validation,
                phaseEnd);
        if (!complete) {
          return false;
        }
        if (state().epoch() < phaseEnd) {
          // A listener wants no more.
          return true;
        }
      }
      return true;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * Beginnings of pieces. Those not learned from come first, but where there are fewer than {@value
   * #PRIMERS} of them, beginnings of pieces learned from are taken as well: a composition from such
   * a primer begins with a quotation of what was learned.
   */
  private static List<int[]> primers(MusicDataset dataset, Tokenizer tokenizer, int length) {
    List<EncodedPiece> pieces = new ArrayList<>();
    pieces.addAll(dataset.validation().pieces());
    pieces.addAll(dataset.test().pieces());
    pieces.addAll(dataset.training().pieces());
    return pieces.stream()
        .filter(piece -> piece.length() >= length)
        .distinct()
        .limit(PRIMERS)
        .map(piece -> primer(piece, dataset.vocabulary(), tokenizer, length))
        .toList();
  }

  /** A held-out piece may begin with a tempo that no piece learned from has. */
  private static int[] primer(
      EncodedPiece piece, Vocabulary vocabulary, Tokenizer tokenizer, int length) {
    int[] nearest =
        piece
            .unknownBeginning()
            .flatMap(word -> tokenizer.nearest(word, vocabulary))
            .map(word -> vocabulary.encode(List.of(word)))
            .orElse(new int[0]);
    int[] primer = Arrays.copyOf(nearest, length);
    System.arraycopy(piece.ids(), 0, primer, nearest.length, length - nearest.length);
    return primer;
  }

  private static List<Fingerprint> fingerprints(MusicDataset dataset, Tokenizer tokenizer) {
    return dataset.training().pieces().stream()
        .map(
            piece ->
                Fingerprint.of(piece.title(), tokenizer.reading(dataset.vocabulary()), piece.ids()))
        .toList();
  }

  /** What a checkpoint says of the run. */
  private JsonObject describe(TrainingState state) {
    return TrainedModel.describe(
        settings, dataset.vocabulary(), state, optimizer.steps(), primers, pieces, fingerprints);
  }
}
