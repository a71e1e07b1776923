package dev.impromptu.examples.cli;

import dev.impromptu.data.Examples;
import dev.impromptu.music.data.Baselines;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.DatasetPart;
import dev.impromptu.music.data.Foreteller;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.data.NGram;
import dev.impromptu.music.data.Windows;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.NetworkForeteller;
import dev.impromptu.music.model.Recall;
import dev.impromptu.music.model.WindowBatch;
import dev.impromptu.music.model.WindowExamples;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.train.LearnedPiece;
import dev.impromptu.music.train.TrainedModel;
import dev.impromptu.tensor.Device;
import dev.impromptu.train.Metrics;
import dev.impromptu.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Judges a model. */
@Command(
    name = "evaluate",
    description = {
      "Count how often a model foretells the right notes, beside always guessing the commonest.",
      "For several notes ahead its own likeliest note is fed back to it.",
      "lookup is what a table of all music in the training windows gets right: a high figure says"
          + " that the parts overlap.",
      "ngram_next is what the best interpolated Kneser-Ney n-gram (orders 2 to 6, tuned on the"
          + " validation part) gets right of the next notes, next what the model does."
    })
final class EvaluateCommand implements Callable<Integer> {
  private static final String ALL = "all";

  /** Foretells nothing, so that a memory stands alone. */
  private static final Foreteller NOTHING = (windows, from, to) -> new float[to - from];

  private final Session session;

  @Mixin private SourceOptions source = new SourceOptions();
  @Mixin private DeviceOption device = new DeviceOption();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "The folder that train wrote, or one checkpoint in it.")
  private Path model = Path.of("");

  @Option(
      names = "--on",
      split = ",",
      paramLabel = "train|validation|test|all",
      defaultValue = "test",
      description =
          "Which part of the pieces, or several between commas; all takes every window of every"
              + " piece, which may be other pieces than it learned from"
              + " (default: ${DEFAULT-VALUE}).")
  private List<String> parts = List.of("test");

  @Option(
      names = "--steps-ahead",
      paramLabel = "N",
      defaultValue = "1",
      description = "Notes to foretell (default: ${DEFAULT-VALUE}).")
  private int stepsAhead = 1;

  @Option(
      names = "--checkpoint",
      paramLabel = "best|last",
      description = "Which checkpoint of the folder (default: best).")
  private @Nullable String checkpoint;

  @Option(
      names = "--recall",
      description =
          "Also count the next notes that are right with a memory of the piece so far, which names"
              + " what stood where the last notes stood before: of the model, and of a part also of"
              + " the n-gram and of the memory alone (default: off).")
  private boolean recall;

  EvaluateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    checkUsage();
    Device place = device.open();
    TrainedModel trained = Models.open(model, !"last".equals(checkpoint), place);
    DatasetOptions options = trained.settings().data();
    if (stepsAhead > options.future()) {
      throw new UsageException(
          "--steps-ahead: met %d, expected at most %d, which is what the model's windows hold"
              .formatted(stepsAhead, options.future()));
    }
    List<Score> scores = source.load(session);
    session.figure("model", trained.checkpoint().directory());
    session.figure("epochs", trained.state().epoch());
    session.figure("split", options.split().optionName());
    session.figure("steps_ahead", stepsAhead);
    if (parts.stream().anyMatch(part -> !part.equals(ALL))) {
      judgeParts(trained, scores, place);
    }
    if (parts.contains(ALL)) {
      judgeAll(trained, scores, place);
    }
    return 0;
  }

  private void judgeParts(TrainedModel trained, List<Score> scores, Device place) {
    DatasetOptions options = trained.settings().data();
    MusicDataset dataset = Datasets.prepare(scores, trained.settings().tokens(), options);
    Optional<String> difference =
        LearnedPiece.difference(LearnedPiece.all(dataset), trained.pieces());
    if (difference.isPresent()) {
      throw new InputException(
          ("%s holds other pieces than the model was trained on (%s), so its train, validation and"
                  + " test parts are unknown; give the same pieces, or use --on all")
              .formatted(source.label(), difference.get()));
    }
    Windows learned = learned(trained, dataset);
    session.note("counting n-grams and tuning them on the validation part");
    NGram ngram = NGram.best(learned, dataset.validation().windows());
    session.figure("ngram_order", ngram.order());
    session.figure("ngram_discounts", ngram.discounts());
    List<String> rows = new ArrayList<>();
    for (DatasetPart part : dataset.parts()) {
      if (parts.contains(part.name())) {
        Metrics metrics = judge(trained, part.name(), part.windows(), place);
        double lookup = 100 * Baselines.lookup(learned, part.windows(), stepsAhead);
        double next =
            stepsAhead == 1
                ? metrics.accuracy()
                : measure(trained, part.name(), part.windows(), place, 1).accuracy();
        double grams = 100 * ngram.accuracy(part.windows());
        session.figure(part.name() + "_lookup_percent", lookup, 3);
        session.figure(part.name() + "_next_percent", next, 3);
        session.figure(part.name() + "_ngram_next_percent", grams, 3);
        String row =
            String.format(
                Locale.ROOT,
                "%-10s %9d of %9d %8.3f %% %8.3f %% %8.3f %% %8.3f %%",
                part.name(),
                metrics.correct(),
                metrics.total(),
                metrics.accuracy(),
                lookup,
                next,
                grams);
        if (recall) {
          double remembered = recalled(trained, part.name(), part.windows(), place);
          double both = 100 * Recall.accuracy(ngram, part.windows(), judged -> {});
          double alone = 100 * Recall.accuracy(NOTHING, part.windows(), judged -> {});
          session.figure(part.name() + "_ngram_recall_percent", both, 3);
          session.figure(part.name() + "_memory_percent", alone, 3);
          row += String.format(Locale.ROOT, " %8.3f %% %8.3f %% %8.3f %%", remembered, both, alone);
        }
        rows.add(row);
      }
    }
    session.say("");
    session.say(
        "%-10s %22s %10s %10s %10s %10s"
                .formatted("part", "correct", "model", "lookup", "next note", "n-gram")
            + (recall ? " %10s %10s %10s".formatted("recalling", "n-gram too", "memory") : ""));
    rows.forEach(session::say);
  }

  /** The windows that it was trained on. */
  private static Windows learned(TrainedModel trained, MusicDataset dataset) {
    Windows all = dataset.training().windows();
    int limit = trained.settings().limitWindows();
    return limit == 0 ? all : all.sample(limit, trained.settings().seed());
  }

  private void judgeAll(TrainedModel trained, List<Score> scores, Device place) {
    DatasetPart part =
        MusicDataset.part(
            ALL,
            MusicDataset.tokenize(scores, trained.tokenizer()),
            trained.vocabulary(),
            trained.settings().data());
    if (part.windows().size() == 0) {
      throw new InputException(
          ("%s holds no run of known tokens as long as the model's windows; give longer"
                  + " pieces, or pieces more like those it was trained on")
              .formatted(source.label()));
    }
    session.figure("all_coverage_percent", 100 * part.coverage(), 2);
    judge(trained, ALL, part.windows(), place);
    if (recall) {
      recalled(trained, ALL, part.windows(), place);
    }
  }

  private double recalled(TrainedModel trained, String part, Windows windows, Device place) {
    var heartbeat = new Heartbeat(session, "recalling " + part, windows.size(), "windows");
    double percent =
        100
            * Recall.accuracy(
                new NetworkForeteller(trained.model(), place), windows, heartbeat::done);
    session.figure(part + "_recall_percent", percent, 3);
    return percent;
  }

  private Metrics measure(
      TrainedModel trained, String part, Windows windows, Device place, int ahead) {
    return Trainer.evaluate(
        Lookahead.SLIDE.objective(trained.model(), place, ahead),
        new Counted(session, part, new WindowExamples(windows)));
  }

  private Metrics judge(TrainedModel trained, String part, Windows windows, Device place) {
    Metrics metrics = measure(trained, part, windows, place, stepsAhead);
    session.figure(part + "_windows", windows.size());
    session.figure(part + "_correct", metrics.correct());
    session.figure(part + "_total", metrics.total());
    session.figure(part + "_percent", metrics.accuracy(), 3);
    // What is commonest in this very part: no constant guess can do better.
    session.figure(
        part + "_commonest_percent",
        100 * Baselines.commonestToken(windows, windows, stepsAhead),
        3);
    return metrics;
  }

  private void checkUsage() {
    device.check();
    UsageException.checkAtLeast("--steps-ahead", stepsAhead, 1);
    for (String part : parts) {
      if (!List.of("train", "validation", "test", ALL).contains(part)) {
        throw new UsageException(
            "--on: met '" + part + "', expected train, validation, test or all");
      }
    }
    if (checkpoint == null) {
      return;
    }
    if (!List.of("best", "last").contains(checkpoint)) {
      throw new UsageException("--checkpoint: met '" + checkpoint + "', expected best or last");
    }
    if (Models.isCheckpoint(model)) {
      throw new UsageException(
          "--checkpoint: met '%s', but %s is one checkpoint already; name the folder that holds it, or leave --checkpoint out"
              .formatted(checkpoint, model));
    }
  }

  /** Tells every few seconds how many were taken. */
  private static final class Counted implements Examples<WindowBatch> {
    private final Examples<WindowBatch> examples;
    private final Heartbeat heartbeat;
    private int taken;

    Counted(Session session, String part, Examples<WindowBatch> examples) {
      this.examples = examples;
      this.heartbeat = new Heartbeat(session, "judging " + part, examples.size(), "windows");
    }

    @Override
    public int size() {
      return examples.size();
    }

    @Override
    public WindowBatch batch(int[] indices) {
      heartbeat.done(taken);
      taken += indices.length;
      return examples.batch(indices);
    }
  }
}
