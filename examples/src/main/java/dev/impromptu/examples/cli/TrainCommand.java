package dev.impromptu.examples.cli;

import dev.impromptu.backend.Precision;
import dev.impromptu.io.JsonObject;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.model.Lookahead;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.WaveNetComposer;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.train.Curriculum;
import dev.impromptu.music.train.ModelDirectory;
import dev.impromptu.music.train.TrainingPlan;
import dev.impromptu.music.train.TrainingSettings;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Trains a composer. */
@Command(
    name = "train",
    description = {
      "Train a network to foretell the next note.",
      "Ctrl-C saves and stops; the same command with --resume continues."
    })
final class TrainCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private SourceOptions source = new SourceOptions();
  @Mixin private DataOptions data = new DataOptions();
  @Mixin private DeviceOption device = new DeviceOption();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where the model goes: best/, last/, metrics.csv and curves.png.")
  private Path out = Path.of("");

  @Option(
      names = "--arch",
      paramLabel = "lstm|wavenet",
      defaultValue = LstmComposer.NAME,
      description =
          "The network: recurrent, or dilated convolutions that see the last 61 notes"
              + " (default: ${DEFAULT-VALUE}).")
  private String architecture = LstmComposer.NAME;

  @Option(
      names = "--size",
      hidden = true,
      paramLabel = "original|small",
      defaultValue = "original",
      description = "The sizes of the network, for tests.")
  private String size = "original";

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "Epochs of the next note, those done before --resume included; with --faithful where its"
              + " curriculum ends (default: "
              + TrainingPlan.EPOCHS
              + ", 90 with --faithful).")
  private @Nullable Integer epochs;

  @Option(
      names = "--curriculum",
      paramLabel = "1x25,4x20,8x45",
      converter = Curricula.class,
      description =
          "Notes to foretell, x, epochs, one phase after the other; the best model is that of the"
              + " phase reached last (default: 1x"
              + TrainingPlan.EPOCHS
              + ", 1x25,4x20,8x45 with --faithful).")
  private @Nullable Curriculum curriculum;

  @Option(
      names = "--lookahead",
      paramLabel = "carry|slide|teacher",
      converter = Lookaheads.class,
      description =
          "How notes are foretold in training. slide: beginning anew for each, as the original"
              + " project did; carry: going on from the network's state, which saves the lstm most"
              + " of the work; teacher: reading the true notes, and foretelling after every note of"
              + " the context. Validation always slides (default: carry, slide with --faithful).")
  private @Nullable Lookahead lookahead;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Windows in a step (default: "
              + TrainingPlan.BATCH
              + ", "
              + TrainingPlan.ORIGINAL_BATCH
              + " with --faithful).")
  private @Nullable Integer batch;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description =
          "The highest learning rate; it rises for 200 steps, or a tenth of all, and then falls to a"
              + " fiftieth along a cosine, but stays the same with --faithful"
              + " (default: 0.001, 0.0001 with --faithful).")
  private @Nullable Double learningRate;

  @Option(
      names = "--faithful",
      description =
          "Train as the original project did: --tokens seed, --min-count 50, --skip-note, --split"
              + " window, --curriculum 1x25,4x20,8x45, --lookahead slide, --batch 8, --lr 1e-4, one"
              + " rate throughout, gradients of any length. Any option given beside it wins."
              + " Without it gradients longer than 1 are shortened (default: off).")
  private boolean faithful;

  @Option(
      names = "--limit-windows",
      paramLabel = "N",
      description = "Train on so many windows, cut after the split (default: all).")
  private @Nullable Integer limitWindows;

  @Option(
      names = "--precision",
      paramLabel = "fp32|tf32|bf16",
      defaultValue = "fp32",
      description =
          "What products round their factors to; sums and weights stay fp32. tf32 and bf16 need"
              + " --device cuda (default: ${DEFAULT-VALUE}).")
  private String precision = "fp32";

  @Option(names = "--resume", description = "Continue the run in --out (default: off).")
  private boolean resume;

  @Option(names = "--force", description = "Replace the run in --out (default: off).")
  private boolean force;

  TrainCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    checkUsage();
    String tokens = data.tokens(faithful);
    DatasetOptions options = data.resolve(source.isSongbook(), faithful);
    var directory = new ModelDirectory(out);
    checkPlace(directory);
    Supplier<Device> place = device.openMeanwhile(Precision.named(precision));
    List<Score> scores = source.load(session);
    MusicDataset dataset = Datasets.prepare(scores, tokens, options);
    Datasets.tell(session, scores.size(), tokens, dataset);
    TrainingRun run =
        new TrainingRun(
            session,
            directory,
            settings(tokens, options, dataset),
            dataset,
            place.get(),
            "continue with: " + commandToContinue(),
            toGoOn());
    return run.train(resume, TrainingRun.UNLIMITED);
  }

  private TrainingSettings settings(String tokens, DatasetOptions options, MusicDataset dataset) {
    return new TrainingSettings(
        tokens,
        options,
        network(dataset.vocabulary().size()),
        plan(),
        Objects.requireNonNullElse(limitWindows, 0),
        Precision.named(precision));
  }

  private TrainingPlan plan() {
    TrainingPlan usual = faithful ? TrainingPlan.ORIGINAL : TrainingPlan.DEFAULTS;
    return usual
        .withCurriculum(course(usual.curriculum()))
        .withLookahead(Objects.requireNonNullElse(lookahead, usual.lookahead()))
        .withBatchSize(Objects.requireNonNullElse(batch, usual.batchSize()))
        .withLearningRate(Objects.requireNonNullElse(learningRate, usual.learningRate()));
  }

  private Curriculum course(Curriculum usual) {
    if (curriculum != null) {
      return curriculum;
    }
    if (epochs == null) {
      return usual;
    }
    return faithful ? usual.first(epochs) : Curriculum.nextToken(epochs);
  }

  /** Beside a curriculum there is no {@code --epochs}, and the original's ends after its own. */
  private String toGoOn() {
    boolean ended =
        faithful && (epochs == null || epochs >= TrainingPlan.ORIGINAL.curriculum().epochs());
    return curriculum != null || ended ? "a longer --curriculum" : "a larger --epochs";
  }

  private JsonObject network(int vocabulary) {
    boolean small = size.equals("small");
    if (architecture.equals(WaveNetComposer.NAME)) {
      var sizes =
          small
              ? WaveNetComposer.Sizes.small(vocabulary)
              : WaveNetComposer.Sizes.original(vocabulary);
      return sizes.toJson();
    }
    var sizes =
        small ? LstmComposer.Sizes.small(vocabulary) : LstmComposer.Sizes.original(vocabulary);
    return sizes.toJson();
  }

  private String commandToContinue() {
    Stream<String> given =
        session.arguments().stream()
            .filter(argument -> !argument.equals("--force") && !argument.equals("--resume"));
    return Stream.of(Stream.of("./impromptu"), given, Stream.of("--resume"))
        .flatMap(words -> words)
        .map(TrainCommand::quoted)
        .collect(Collectors.joining(" "));
  }

  private static String quoted(String argument) {
    return argument.matches("[\\p{Alnum}/._,:=+@%-]+")
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }

  private void checkUsage() {
    if (!List.of(LstmComposer.NAME, WaveNetComposer.NAME).contains(architecture)) {
      throw new UsageException("--arch: met '" + architecture + "', expected lstm or wavenet");
    }
    if (!List.of("fp32", "tf32", "bf16").contains(precision)) {
      throw new UsageException("--precision: met '" + precision + "', expected fp32, tf32 or bf16");
    }
    checkCurriculum();
    device.check();
    if (resume && force) {
      throw new UsageException(
          "--resume continues a run and --force replaces it, so one of them must go");
    }
    if (epochs != null) {
      UsageException.checkAtLeast("--epochs", epochs, 1);
      UsageException.checkAtMost("--epochs", epochs, Curriculum.MOST);
    }
    if (batch != null) {
      UsageException.checkAtLeast("--batch", batch, 1);
    }
    if (limitWindows != null) {
      UsageException.checkAtLeast("--limit-windows", limitWindows, 1);
    }
    if (learningRate != null && !(learningRate > 0 && Double.isFinite(learningRate))) {
      throw new UsageException("--lr: met " + learningRate + ", expected a number above 0");
    }
  }

  private void checkCurriculum() {
    if (curriculum == null) {
      return;
    }
    if (epochs != null) {
      throw new UsageException("--epochs and --curriculum were both given, expected one of them");
    }
    int most = DatasetOptions.DEFAULTS.future();
    if (curriculum.mostAhead() > most) {
      throw new UsageException(
          "--curriculum: met %d notes ahead, expected at most %d"
              .formatted(curriculum.mostAhead(), most));
    }
  }

  private void checkPlace(ModelDirectory directory) {
    if (resume) {
      if (!Files.exists(directory.root())) {
        throw new InputException(
            "%s is not there, expected a run to continue; name another --out or leave --resume out"
                .formatted(out));
      }
    } else if (Files.exists(directory.root()) && !force) {
      throw new InputException(
          ("%s exists already; continue it with --resume, replace it with --force, or name"
                  + " another --out")
              .formatted(out));
    }
    if (Files.exists(directory.root()) && !Files.isDirectory(directory.root())) {
      throw new InputException(out + " is a file, expected a folder; name another --out");
    }
  }

  /** Reads a curriculum. */
  static final class Curricula implements ITypeConverter<Curriculum> {
    /** For picocli. */
    Curricula() {}

    @Override
    public Curriculum convert(String text) {
      try {
        return Curriculum.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Reads the name of a lookahead. */
  static final class Lookaheads implements ITypeConverter<Lookahead> {
    /** For picocli. */
    Lookaheads() {}

    @Override
    public Lookahead convert(String name) {
      try {
        return Lookahead.named(name);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("met '" + name + "', expected carry, slide or teacher");
      }
    }
  }
}
