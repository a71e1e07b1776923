package dev.impromptu.examples.cli;

import dev.impromptu.data.Examples;
import dev.impromptu.examples.cli.Judgement.Measure;
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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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
          "Which part of the pieces, or several between commas; all takes the three and their sum,"
              + " or of other pieces than it learned from every window as one part"
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
              + " what stood where the last notes stood before: of the model, and where it knows the"
              + " pieces also of the n-gram and of the memory alone (default: off).")
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
    MusicDataset dataset;
    try {
      dataset = split(trained, scores);
    } catch (InputException e) {
      if (!parts.equals(List.of(ALL))) {
        throw e;
      }
      session.note("note: %s; so all of it is judged as one part".formatted(e.getMessage()));
      judgeAsOne(trained, scores, place);
      return 0;
    }
    judgeParts(trained, dataset, place);
    return 0;
  }

  /**
   * The parts that the model was trained, chosen and judged on.
   *
   * @throws InputException where the pieces are others
   */
  private MusicDataset split(TrainedModel trained, List<Score> scores) {
    DatasetOptions options = trained.settings().data();
    MusicDataset dataset;
    try {
      dataset = Datasets.prepare(scores, trained.settings().tokens(), options);
    } catch (IllegalArgumentException _) {
      throw new InputException(
          "%s holds %d %s, too few or too short to be split by %s as what the model was trained on%s"
              .formatted(
                  source.label(),
                  scores.size(),
                  scores.size() == 1 ? "piece" : "pieces",
                  options.split().optionName(),
                  advice()));
    }
    Optional<String> difference =
        LearnedPiece.difference(LearnedPiece.all(dataset), trained.pieces());
    if (difference.isPresent()) {
      throw new InputException(
          ("%s holds other pieces than the model was trained on (%s), so its train, validation and"
                  + " test parts are unknown%s")
              .formatted(source.label(), difference.get(), advice()));
    }
    return dataset;
  }

  private String advice() {
    return parts.equals(List.of(ALL)) ? "" : "; give the same pieces, or use --on all alone";
  }

  private void judgeParts(TrainedModel trained, MusicDataset dataset, Device place) {
    Windows learned = learned(trained, dataset);
    session.note("counting n-grams and tuning them on the validation part");
    NGram ngram = NGram.best(learned, dataset.validation().windows());
    session.figure("ngram_order", ngram.order());
    session.figure("ngram_discounts", ngram.discounts());
    boolean all = parts.contains(ALL);
    List<Judgement> rows = new ArrayList<>();
    for (DatasetPart part : dataset.parts()) {
      if (all || parts.contains(part.name())) {
        Judgement row = judge(trained, learned, ngram, part, place);
        row.tell(session);
        rows.add(row);
      }
    }
    if (all) {
      session.figure("all_coverage_percent", 100 - 100.0 * dataset.dropped() / dataset.tokens(), 2);
      Judgement sum = Judgement.sum(ALL, rows);
      sum.tell(session);
      rows.add(sum);
    }
    Judgement.table(session, rows);
  }

  private Judgement judge(
      TrainedModel trained, Windows learned, NGram ngram, DatasetPart part, Device place) {
    Windows windows = part.windows();
    Metrics metrics = measure(trained, part.name(), windows, place, stepsAhead);
    Map<Measure, Double> percents = new EnumMap<>(Measure.class);
    percents.put(Measure.LOOKUP, 100 * Baselines.lookup(learned, windows, stepsAhead));
    percents.put(
        Measure.NEXT,
        stepsAhead == 1
            ? metrics.accuracy()
            : measure(trained, part.name(), windows, place, 1).accuracy());
    percents.put(Measure.NGRAM, 100 * ngram.accuracy(windows));
    if (recall) {
      percents.put(Measure.RECALL, recalled(trained, part.name(), windows, place));
      percents.put(Measure.NGRAM_RECALL, 100 * Recall.accuracy(ngram, windows, judged -> {}));
      percents.put(Measure.MEMORY, 100 * Recall.accuracy(NOTHING, windows, judged -> {}));
    }
    return new Judgement(part.name(), windows, stepsAhead, metrics, percents);
  }

  /** The windows that it was trained on. */
  private static Windows learned(TrainedModel trained, MusicDataset dataset) {
    Windows all = dataset.training().windows();
    int limit = trained.settings().limitWindows();
    return limit == 0 ? all : all.sample(limit, trained.settings().seed());
  }

  /** Without tables and n-grams, since it is unknown here what the model has learned from. */
  private void judgeAsOne(TrainedModel trained, List<Score> scores, Device place) {
    DatasetPart part =
        MusicDataset.part(
            ALL,
            MusicDataset.tokenize(scores, trained.tokenizer()),
            trained.vocabulary(),
            trained.settings().data());
    Windows windows = part.windows();
    if (windows.size() == 0) {
      throw new InputException(
          ("%s holds no run of known tokens as long as the model's windows; give longer"
                  + " pieces, or pieces more like those it was trained on")
              .formatted(source.label()));
    }
    session.figure("all_coverage_percent", 100 * part.coverage(), 2);
    Metrics metrics = measure(trained, ALL, windows, place, stepsAhead);
    Map<Measure, Double> percents = new EnumMap<>(Measure.class);
    if (recall) {
      percents.put(Measure.RECALL, recalled(trained, ALL, windows, place));
    }
    var judgement = new Judgement(ALL, windows, stepsAhead, metrics, percents);
    judgement.tell(session);
    Judgement.table(session, List.of(judgement));
  }

  private double recalled(TrainedModel trained, String part, Windows windows, Device place) {
    var heartbeat = new Heartbeat(session, "recalling " + part, windows.size(), "windows");
    var foreteller = new NetworkForeteller(trained.model(), place);
    return 100 * Recall.accuracy(foreteller, windows, heartbeat::done);
  }

  private Metrics measure(
      TrainedModel trained, String part, Windows windows, Device place, int ahead) {
    return Trainer.evaluate(
        Lookahead.SLIDE.objective(trained.model(), place, ahead),
        new Counted(session, part, new WindowExamples(windows)));
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
