package dev.impromptu.examples.cli;

import dev.impromptu.io.Checkpoint;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.model.WaveNetComposer;
import dev.impromptu.music.train.ModelDirectory;
import dev.impromptu.music.train.MusicTraining;
import dev.impromptu.music.train.TrainingSettings;
import dev.impromptu.nn.Module;
import dev.impromptu.tensor.Device;
import dev.impromptu.train.EpochReport;
import dev.impromptu.train.TrainingListener;
import dev.impromptu.train.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A run as the command line shows it.
 *
 * @param session is told how it goes
 * @param directory gets its files
 * @param toContinue what to do after an interruption
 * @param toGoOn what would make more epochs once all are complete
 */
record TrainingRun(
    Session session,
    ModelDirectory directory,
    TrainingSettings settings,
    MusicDataset dataset,
    Device device,
    String toContinue,
    String toGoOn) {

  /** What a shell gives a process that Ctrl-C ended. */
  static final int INTERRUPTED = 130;

  /** As long as it takes. */
  static final Duration UNLIMITED = Duration.ofDays(10_000);

  /**
   * Trains from the start, replacing what is there, or continues.
   *
   * @param budget no epoch begins that would probably end later; one is always made
   * @return the exit status
   */
  int train(boolean resume, Duration budget) throws IOException {
    boolean made = !Files.exists(directory.root());
    TrainingProgress progress = progress();
    TrainingListener[] listeners = {
      new FiniteLoss(),
      progress,
      new EpochFigures(session, settings.plan().curriculum()),
      new TimeBudget(session, budget, epochs())
    };
    try {
      var training = resume ? resume(listeners) : start(listeners);
      session.figure("device", device.name());
      session.figure("parameters", Module.parameterCount(training.model()));
      if (training.model() instanceof WaveNetComposer wavenet) {
        session.figure("receptive_field", wavenet.receptiveField());
      }
      boolean complete;
      try (var _ = session.interruption().guard(training::stop)) {
        complete = training.run(epochs());
      }
      progress.clear();
      return complete ? tellDone(training) : tellStopped(training.state());
    } finally {
      progress.clear();
      if (made) {
        deleteIfEmpty();
      }
    }
  }

  /** In all. */
  private int epochs() {
    return settings.plan().curriculum().epochs();
  }

  private TrainingProgress progress() {
    int available = dataset.training().windows().size();
    int windows =
        settings.limitWindows() == 0 ? available : Math.min(available, settings.limitWindows());
    return TrainingProgress.of(session, TimeLeft.of(settings, windows));
  }

  private MusicTraining start(TrainingListener... listeners) throws IOException {
    replace();
    return MusicTraining.start(directory, settings, dataset, device, listeners);
  }

  private MusicTraining resume(TrainingListener... listeners) throws IOException {
    var training = MusicTraining.resume(directory, settings, dataset, device, listeners);
    TrainingState state = training.state();
    String steps = state.batch() == 0 ? "" : " and %d steps".formatted(state.batch());
    session.note(
        state.epoch() < epochs()
            ? "continuing after %d of %d epochs%s".formatted(state.epoch(), epochs(), steps)
            : "%d epochs are complete already; %s goes on".formatted(state.epoch(), toGoOn));
    return training;
  }

  /**
   * Removes the files of an earlier run and no others.
   *
   * @throws dev.impromptu.io.CheckpointException when anything else stands among them; nothing is
   *     removed then
   */
  private void replace() throws IOException {
    Checkpoint.requireReplaceable(directory.best());
    Checkpoint.requireReplaceable(directory.last());
    Files.createDirectories(directory.root());
    deleteTree(directory.best());
    deleteTree(directory.last());
    Files.deleteIfExists(directory.metrics());
    Files.deleteIfExists(directory.curves());
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** A run that failed before its first checkpoint leaves no trace. */
  private void deleteIfEmpty() throws IOException {
    if (!Files.isDirectory(directory.root())) {
      return;
    }
    boolean empty;
    try (Stream<Path> entries = Files.list(directory.root())) {
      empty = entries.findAny().isEmpty();
    }
    if (empty) {
      Files.delete(directory.root());
    }
  }

  private int tellDone(MusicTraining training) {
    session.figure("epochs", training.state().epoch());
    if (training.best().isPresent()) {
      EpochReport best = training.best().get();
      session.figure("best_epoch", best.epoch());
      session.figure("best_validation_accuracy", best.validation().accuracy(), 3);
    }
    session.figure("model", directory.root());
    return 0;
  }

  private int tellStopped(TrainingState state) {
    session.note(
        "stopped after %d of %d epochs and %d steps, and saved; %s"
            .formatted(state.epoch(), epochs(), state.batch(), toContinue));
    return INTERRUPTED;
  }
}
