package dev.impromptu.music.train;

import dev.impromptu.io.AtomicDirectory;
import dev.impromptu.io.Checkpoint;
import dev.impromptu.io.CheckpointException;
import dev.impromptu.io.JsonArray;
import dev.impromptu.io.JsonException;
import dev.impromptu.io.JsonObject;
import dev.impromptu.music.model.Architectures;
import dev.impromptu.music.model.SequenceModel;
import dev.impromptu.music.originality.Fingerprint;
import dev.impromptu.music.originality.Fingerprints;
import dev.impromptu.music.token.Tokenizer;
import dev.impromptu.music.token.Tokenizers;
import dev.impromptu.music.token.Vocabulary;
import dev.impromptu.tensor.Device;
import dev.impromptu.train.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A composer as a checkpoint holds it.
 *
 * @param checkpoint where it came from
 * @param model the network
 * @param vocabulary its tokens
 * @param settings it was trained with
 * @param state how far it was trained
 * @param steps updates its optimizer made
 * @param primers beginnings of pieces to compose on from, as token ids; of pieces learned from too,
 *     where there were too few others
 * @param pieces what it was trained, chosen and to be judged on
 * @param fingerprints of what it was trained on
 */
public record TrainedModel(
    Checkpoint checkpoint,
    SequenceModel model,
    Vocabulary vocabulary,
    TrainingSettings settings,
    TrainingState state,
    long steps,
    List<int[]> primers,
    List<LearnedPiece> pieces,
    Fingerprints fingerprints) {

  private static final int FORMAT = 2;

  /** Copies the lists. */
  public TrainedModel {
    primers = List.copyOf(primers);
    pieces = List.copyOf(pieces);
  }

  /**
   * Opens a checkpoint, {@code best} or {@code last} of a model directory.
   *
   * @throws CheckpointException when it is missing, damaged or from another version
   */
  public static TrainedModel open(Path directory, Device device) throws IOException {
    AtomicDirectory.recover(directory);
    return Files.isDirectory(directory)
        ? AtomicDirectory.read(directory, folder -> read(folder, device))
        : read(directory, device);
  }

  private static TrainedModel read(Path directory, Device device) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(directory);
    try {
      JsonObject json = checkpoint.description();
      int format = json.integer("format");
      if (format != FORMAT) {
        throw json.error("format", "expected " + FORMAT + ", met " + format);
      }
      TrainingSettings settings = TrainingSettings.of(json.object("settings"));
      Vocabulary vocabulary =
          Vocabulary.restore(json.array("tokens").strings(), json.array("counts").integers());
      SequenceModel model = Architectures.build(device, settings.architecture(), settings.seed());
      checkpoint.loadInto(model);
      List<int[]> primers =
          json.array("primers").arrays().stream().map(JsonArray::integers).toList();
      check(vocabulary, model, primers);
      return new TrainedModel(
          checkpoint,
          model,
          vocabulary,
          settings,
          TrainingState.of(json.object("position")),
          json.longInteger("steps"),
          primers,
          json.array("pieces").objects().stream().map(LearnedPiece::of).toList(),
          new Fingerprints(
              json.array("fingerprints").objects().stream().map(Fingerprint::of).toList()));
    } catch (JsonException | IllegalArgumentException e) {
      throw new CheckpointException(
          "%s is damaged: %s; use another checkpoint".formatted(directory, e.getMessage()));
    }
  }

  private static void check(Vocabulary vocabulary, SequenceModel model, List<int[]> primers) {
    if (model.vocabularySize() != vocabulary.size()) {
      throw new IllegalArgumentException(
          "the network knows %d tokens, but %d are listed"
              .formatted(model.vocabularySize(), vocabulary.size()));
    }
    for (int[] primer : primers) {
      for (int id : primer) {
        if (id < 0 || id >= vocabulary.size()) {
          throw new IllegalArgumentException(
              "primers: met token %d, expected 0 to %d".formatted(id, vocabulary.size() - 1));
        }
      }
    }
  }

  /** What turns its tokens into notes. */
  public Tokenizer tokenizer() {
    return Tokenizers.named(settings.tokens());
  }

  static JsonObject describe(
      TrainingSettings settings,
      Vocabulary vocabulary,
      TrainingState state,
      long steps,
      List<int[]> primers,
      List<LearnedPiece> pieces,
      List<Fingerprint> fingerprints) {
    List<Integer> counts = new ArrayList<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      counts.add(vocabulary.count(id));
    }
    return JsonObject.builder()
        .put("format", FORMAT)
        .put("settings", settings.toJson())
        .put("steps", steps)
        .put("position", state.toJson())
        .put("tokens", JsonArray.ofStrings(vocabulary.tokens()))
        .put("counts", JsonArray.ofIntegers(counts.stream().mapToInt(Integer::intValue).toArray()))
        .put("pieces", JsonArray.of(pieces.stream().map(LearnedPiece::toJson).toList()))
        .put("fingerprints", JsonArray.of(fingerprints.stream().map(Fingerprint::toJson).toList()))
        .put("primers", JsonArray.of(primers.stream().map(JsonArray::ofIntegers).toList()))
        .build();
  }
}
