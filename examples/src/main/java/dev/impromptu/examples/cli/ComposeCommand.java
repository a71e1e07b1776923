package dev.impromptu.examples.cli;

import dev.impromptu.music.originality.CopyGuard;
import dev.impromptu.music.sample.Sampling;
import dev.impromptu.music.train.TrainedModel;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Composes with a trained model. */
@Command(
    name = "compose",
    description = "Compose piano music with a trained model; the same seed gives the same files.")
final class ComposeCommand implements Callable<Integer> {
  private static final int MOST_NOTES = 100_000;
  private static final int MOST_PIECES = 100_000;
  private static final double SLOWEST = 4;
  private static final double FASTEST = 1000;

  private final Session session;

  @Mixin private DeviceOption device = new DeviceOption();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "The folder that train wrote, or one checkpoint in it"
              + " (default: the one that comes with the program, which learned from Schubert).")
  private @Nullable Path model;

  @Option(
      names = "--primer",
      paramLabel = "FILE.mid",
      description =
          "What to continue; the piece begins with it"
              + " (default: a beginning of a piece stored with the model, chosen by --seed).")
  private @Nullable Path primer;

  @Option(
      names = "--notes",
      paramLabel = "N",
      defaultValue = "128",
      description = "Notes or chords to add to the primer (default: ${DEFAULT-VALUE}).")
  private int notes;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Pieces to compose; more than one are named x-1.mid, x-2.mid and so on"
              + " (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "1.0",
      description =
          "Below 1 surer, above 1 wilder, 0 always the likeliest note"
              + " (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "0",
      description = "Choose among the N likeliest notes; 0 for all (default: ${DEFAULT-VALUE}).")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "X",
      defaultValue = "1.0",
      description =
          "Choose among the likeliest notes that together reach this probability"
              + " (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Option(
      names = "--recall",
      paramLabel = "X",
      defaultValue = "0.0",
      description =
          "How much the piece comes back to what it has played before: 0 not at all, 1 as much as"
              + " written music would (default: ${DEFAULT-VALUE}).")
  private double recall;

  @Option(
      names = "--max-copy",
      paramLabel = "N",
      description =
          "The longest run of notes that may stand in a piece learned from, also transposed, at"
              + " least "
              + CopyGuard.LEAST
              + "; a stored primer is cut to keep to it, what --primer quotes is only told"
              + " (default: no limit).")
  private @Nullable Integer maxCopy;

  @Option(
      names = "--tempo",
      paramLabel = "BPM",
      description =
          "Beats a minute (default: the primer's, 120 if it has none; what follows it takes its mean).")
  private @Nullable Double tempo;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Decides everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--out", required = true, paramLabel = "FILE.mid", description = "The piece.")
  private Path out = Path.of("");

  @Option(
      names = "--wav",
      paramLabel = "FILE",
      description = "The piece as sound (default: not written).")
  private @Nullable Path wav;

  @Option(
      names = "--mp3",
      paramLabel = "FILE",
      description = "The piece as compressed sound (default: not written).")
  private @Nullable Path mp3;

  @Option(
      names = "--png",
      paramLabel = "FILE",
      description = "The piece as a picture (default: not written).")
  private @Nullable Path png;

  ComposeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    checkUsage();
    // Before the work, not after it.
    for (Path file : outputs()) {
      Places.checkWritable(numbered(file, 1));
    }
    Sampling sampling =
        Sampling.DEFAULTS
            .withTemperature(temperature)
            .withTopK(topK)
            .withTopP(topP)
            .withRecall(recall);
    Device place = device.open();
    TrainedModel trained = model == null ? Pretrained.open(place) : Models.open(model, true, place);
    session.figure(
        "model", model == null ? Pretrained.NAME : trained.checkpoint().directory().toString());
    session.figure("seed", seed);
    var wish = new Composition.Wish(notes, sampling, limit(), tempo());
    Primer given = primer == null ? null : Primer.of(primer, trained, seed, session);
    var seeds = new SplittableRandom(seed);
    for (int piece = 1; piece <= count; piece++) {
      if (count > 1) {
        session.note("piece %d of %d".formatted(piece, count));
      }
      long pieceSeed = seeds.nextLong();
      Composition.compose(
              session,
              trained,
              place,
              title(piece),
              given == null ? Primer.drawn(trained, limit(), pieceSeed) : given,
              wish,
              pieceSeed)
          .write(session, files(piece));
    }
    return 0;
  }

  private OptionalInt limit() {
    return maxCopy == null ? OptionalInt.empty() : OptionalInt.of(maxCopy);
  }

  private OptionalDouble tempo() {
    return tempo == null ? OptionalDouble.empty() : OptionalDouble.of(tempo);
  }

  /** Says nothing of the file's name, so that equal seeds give equal pictures. */
  private String title(int piece) {
    return "Impromptu, seed " + seed + (count == 1 ? "" : ", number " + piece);
  }

  private Composition.Files files(int piece) {
    return new Composition.Files(
        numbered(out, piece),
        wav == null ? null : numbered(wav, piece),
        mp3 == null ? null : numbered(mp3, piece),
        png == null ? null : numbered(png, piece));
  }

  private Path numbered(Path file, int piece) {
    if (count == 1) {
      return file;
    }
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    int end = dot > 0 ? dot : name.length();
    return file.resolveSibling(name.substring(0, end) + "-" + piece + name.substring(end));
  }

  private void checkUsage() {
    device.check();
    if (maxCopy != null) {
      UsageException.checkAtLeast("--max-copy", maxCopy, CopyGuard.LEAST);
    }
    UsageException.checkAtLeast("--notes", notes, 1);
    UsageException.checkAtMost("--notes", notes, MOST_NOTES);
    UsageException.checkAtLeast("--count", count, 1);
    UsageException.checkAtMost("--count", count, MOST_PIECES);
    UsageException.checkAtLeast("--top-k", topK, 0);
    if (!(temperature >= 0 && Double.isFinite(temperature))) {
      throw new UsageException(
          "--temperature: met " + temperature + ", expected a number of at least 0");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new UsageException(
          "--top-p: met " + topP + ", expected a number above 0 and at most 1");
    }
    if (!(recall >= 0 && recall <= 1)) {
      throw new UsageException("--recall: met " + recall + ", expected a number from 0 to 1");
    }
    if (tempo != null && !(tempo >= SLOWEST && tempo <= FASTEST)) {
      throw new UsageException(
          "--tempo: met %s, expected %.0f to %.0f beats a minute"
              .formatted(tempo, SLOWEST, FASTEST));
    }
    checkPlaces();
  }

  private List<Path> outputs() {
    return Stream.of(out, wav, mp3, png).flatMap(Stream::ofNullable).toList();
  }

  private void checkPlaces() {
    Set<Path> places = new HashSet<>();
    List<Path> outputs = outputs();
    for (Path file : outputs) {
      checkNoFolder(file);
      if (!places.add(normal(file))) {
        throw new UsageException(file + " is named twice; give every file a name of its own");
      }
    }
    // Names that differ also differ with a number.
    for (int piece = 1; piece <= count; piece++) {
      for (Path file : outputs) {
        Path place = numbered(file, piece);
        checkNoFolder(place);
        if (primer != null && normal(place).equals(normal(primer))) {
          throw new UsageException(
              place + " is the primer, which would be overwritten; give the piece another name");
        }
      }
    }
  }

  private static void checkNoFolder(Path place) {
    if (place.getFileName() == null || Files.isDirectory(place)) {
      throw new UsageException(place + " is a folder, expected the name of a file");
    }
  }

  private static Path normal(Path place) {
    return place.toAbsolutePath().normalize();
  }
}
