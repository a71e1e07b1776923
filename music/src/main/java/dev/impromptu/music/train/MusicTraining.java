package dev.impromptu.music.train;

import dev.impromptu.data.Examples;
import dev.impromptu.io.Checkpoint;
import dev.impromptu.music.data.EncodedPiece;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.Windows;
import dev.impromptu.music.model.Architectures;
import dev.impromptu.music.model.SequenceModel;
import dev.impromptu.music.model.SlidingObjective;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.music.model.WindowExamples;
import dev.impromptu.music.originality.Fingerprint;
import dev.impromptu.music.token.Tokenizer;
import dev.impromptu.music.token.Tokenizers;
import dev.impromptu.optim.Adam;
import dev.impromptu.tensor.Device;
import dev.impromptu.train.Trainer;
import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One training run: a model, its optimizer and the files it leaves. {@code last} is written after
 * every epoch, every few minutes and when the run is stopped; {@code best} whenever validation
 * accuracy has risen; {@code metrics.csv} and {@code curves.png} after every epoch.
 *
 * <p>Listeners are told before anything is saved, and nothing is if one throws. After an epoch
 * {@code last} is written when all other files are, so a run that breaks off between them repeats
 * the epoch.
 */
public final class MusicTraining {
  private static final Duration SAVE_EVERY = Duration.ofMinutes(5);
  private static final int PRIMERS = 16;

  private final ModelDirectory directory;
  private final TrainingSettings settings;
  private final MusicDataset dataset;
  private final SequenceModel model;
  private final Adam optimizer;
  private final Trainer<WindowBatch> trainer;
  private final SlidingObjective objective;

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
    this.objective = new SlidingObjective(model, device, 1);
    List<TrainingListener> all = new ArrayList<>();
    // What finds a run worthless must be able to end it before that is saved.
    all.addAll(listeners);
    all.add(new Saving());
    this.trainer = new Trainer<>(optimizer, settings.batchSize(), settings.seed(), state, all);
  }

  /**
   * A new run.
   *
   * @param dataset made with {@code settings.data()}
   */
  public static MusicTraining start(
      ModelDirectory directory,
      TrainingSettings settings,
      MusicDataset dataset,
      Device device,
      TrainingListener... listeners) {
    SequenceModel model = Architectures.build(device, settings.architecture(), settings.seed());
    var optimizer = new Adam(model, settings.learningRate());
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
    List<String> differences = new ArrayList<>(settings.differences(last.settings()));
    LearnedPiece.difference(LearnedPiece.all(dataset), last.pieces())
        .ifPresent(difference -> differences.add("pieces: " + difference));
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "%s was trained with other settings (%s); give the same ones, or start anew with --force"
              .formatted(directory.root(), String.join("; ", differences)));
    }
    var optimizer = new Adam(last.model(), settings.learningRate());
    last.checkpoint().loadInto(optimizer, last.steps());
    return new MusicTraining(
        directory,
        settings,
        dataset,
        last.model(),
        optimizer,
        device,
        last.state(),
        Arrays.asList(listeners));
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
   * Trains until {@code epochs} epochs are complete in all, or until {@link #stop}.
   *
   * @return whether all of them are
   * @throws IOException when a checkpoint cannot be written
   */
  public boolean run(int epochs) throws IOException {
    Windows training = dataset.training().windows();
    if (settings.limitWindows() > 0) {
      training = training.sample(settings.limitWindows(), settings.seed());
    }
    Examples<WindowBatch> validation = new WindowExamples(dataset.validation().windows());
    try {
      return trainer.fit(objective, new WindowExamples(training), validation, epochs);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Beginnings of pieces; those not learned from come first. */
  private List<int[]> primers() {
    List<EncodedPiece> pieces = new ArrayList<>();
    pieces.addAll(dataset.validation().pieces());
    pieces.addAll(dataset.test().pieces());
    pieces.addAll(dataset.training().pieces());
    int length = settings.data().contextLength();
    return pieces.stream()
        .filter(piece -> piece.length() >= length)
        .distinct()
        .limit(PRIMERS)
        .map(piece -> Arrays.copyOf(piece.ids(), length))
        .toList();
  }

  private List<Fingerprint> fingerprints() {
    Tokenizer tokenizer = Tokenizers.named(settings.tokens());
    return dataset.training().pieces().stream()
        .map(
            piece ->
                Fingerprint.of(piece.title(), tokenizer.reading(dataset.vocabulary()), piece.ids()))
        .toList();
  }

  /** Writes the files of the run. */
  private final class Saving implements TrainingListener {
    private long lastSave = System.nanoTime();

    @Override
    public void onStep(TrainingState state) {
      if (System.nanoTime() - lastSave > SAVE_EVERY.toNanos()) {
        saveLast(state);
      }
    }

    @Override
    public void onStop(TrainingState state) {
      saveLast(state);
    }

    @Override
    public void onEpochEnd(TrainingState state) {
      boolean improved = state.best().filter(state.history().getLast()::equals).isPresent();
      run(
          () -> {
            if (improved) {
              save(directory.best(), state);
            }
            MetricsFiles.write(directory, state.history());
          });
      saveLast(state);
    }

    private void saveLast(TrainingState state) {
      run(() -> save(directory.last(), state));
      lastSave = System.nanoTime();
    }

    private void save(Path checkpoint, TrainingState state) throws IOException {
      Checkpoint.save(
          checkpoint,
          TrainedModel.describe(
              settings,
              dataset.vocabulary(),
              state,
              optimizer.steps(),
              primers(),
              LearnedPiece.all(dataset),
              fingerprints()),
          model,
          optimizer);
    }

    private static void run(Write write) {
      try {
        write.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private interface Write {
    void run() throws IOException;
  }
}
