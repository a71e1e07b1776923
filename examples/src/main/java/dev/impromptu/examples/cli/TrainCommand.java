package dev.impromptu.examples.cli;

import dev.impromptu.backend.Precision;
import dev.impromptu.io.JsonObject;
import dev.impromptu.music.data.DatasetOptions;
import dev.impromptu.music.data.MusicDataset;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.music.model.WaveNetComposer;
import dev.impromptu.music.score.Score;
import dev.impromptu.music.train.ModelDirectory;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a composer. */
@Command(
    name = "train",
    description = {
      "Train a network to foretell the next note.",
      "Ctrl-C saves and stops; the same command with --resume continues."
    })
final class TrainCommand implements Callable<Integer> {
  private static final int DEFAULT_EPOCHS = 30;

  /** The original foretells only the next note for so many epochs; then its curriculum goes on. */
  private static final int FAITHFUL_EPOCHS = 25;

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
          "Epochs in all, those done before --resume included (default: "
              + DEFAULT_EPOCHS
              + "; needed with --faithful, up to "
              + FAITHFUL_EPOCHS
              + ").")
  private @Nullable Integer epochs;

  @Option(
      names = "--curriculum",
      paramLabel = "1x25,4x20,8x45",
      description = "Notes ahead by epochs; not built yet (default: one note ahead).")
  private @Nullable String curriculum;

  @Option(
      names = "--lookahead",
      paramLabel = "carry|slide",
      description =
          "How several notes are foretold; with one note both are the same"
              + " (default: carry, slide with --faithful).")
  private @Nullable String lookahead;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Windows in a step (default: "
              + TrainingSettings.BATCH
              + ", "
              + TrainingSettings.ORIGINAL_BATCH
              + " with --faithful).")
  private @Nullable Integer batch;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description = "The learning rate (default: 0.001, 0.0001 with --faithful).")
  private @Nullable Double learningRate;

  @Option(
      names = "--faithful",
      description =
          "Train as the original project did: seed tokens, --min-count 50, --skip-note, --split"
              + " window, --batch 8, --lookahead slide, --lr 1e-4; any option given beside it wins"
              + " (default: off).")
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
            epochs(),
            "continue with: " + commandToContinue());
    return run.train(resume, TrainingRun.UNLIMITED);
  }

  private TrainingSettings settings(String tokens, DatasetOptions options, MusicDataset dataset) {
    return new TrainingSettings(
        tokens,
        options,
        network(dataset.vocabulary().size()),
        Objects.requireNonNullElse(
            batch, faithful ? TrainingSettings.ORIGINAL_BATCH : TrainingSettings.BATCH),
        Objects.requireNonNullElse(
            learningRate,
            faithful ? TrainingSettings.ORIGINAL_LEARNING_RATE : TrainingSettings.LEARNING_RATE),
        Objects.requireNonNullElse(limitWindows, 0),
        Precision.named(precision));
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

  private int epochs() {
    return Objects.requireNonNullElse(epochs, DEFAULT_EPOCHS);
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
    checkUnbuilt();
    device.check();
    if (resume && force) {
      throw new UsageException(
          "--resume continues a run and --force replaces it, so one of them must go");
    }
    if (epochs != null) {
      UsageException.checkAtLeast("--epochs", epochs, 1);
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
    if (lookahead != null && !List.of("carry", "slide").contains(lookahead)) {
      throw new UsageException("--lookahead: met '" + lookahead + "', expected carry or slide");
    }
  }

  private void checkUnbuilt() {
    if (curriculum != null) {
      throw epochs == null
          ? UsageException.notBuiltYet("--curriculum", "use --epochs N for the next note alone")
          : new UsageException("--epochs and --curriculum were both given, expected one of them");
    }
    if (faithful && (epochs == null || epochs > FAITHFUL_EPOCHS)) {
      throw UsageException.notBuiltYet(
          "The curriculum that --faithful follows after its first %d epochs"
              .formatted(FAITHFUL_EPOCHS),
          "give --epochs N with N up to " + FAITHFUL_EPOCHS);
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
}
