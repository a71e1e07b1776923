package dev.impromptu.io;

import dev.impromptu.nn.Module;
import dev.impromptu.optim.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A model and its training state in a directory: {@code model.json} that describes them, {@code
 * model.safetensors} under PyTorch's parameter names, {@code optimizer.safetensors}.
 *
 * <p>A directory is replaced as a whole, so a crash leaves the old one or the new one, and it holds
 * nothing else. Loading is strict: every missing, unexpected and misshapen entry is listed in one
 * error. The description carries the version of this layout, and one that is newer than the library
 * is refused.
 *
 * @param directory where it lies
 * @param description the content of {@code model.json}
 */
public record Checkpoint(Path directory, JsonObject description) {
  private static final String DESCRIPTION = "model.json";
  private static final String MODEL = "model.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final Set<String> FILES = Set.of(DESCRIPTION, MODEL, OPTIMIZER);
  private static final String VERSION_NAME = "checkpoint_version";

  /** What checkpoints written before they had a number are, too. */
  private static final int VERSION = 1;

  /**
   * Writes a checkpoint, replacing the one that was there.
   *
   * @param directory a directory of its own; it and those around it are made if need be
   * @param description of the model; {@code checkpoint_version} is added to it
   * @throws IllegalArgumentException when it holds that name already
   * @throws CheckpointException when the directory holds anything but a checkpoint, as {@link
   *     #requireReplaceable} says it; nothing is changed then
   * @throws IOException when it cannot be written; the old one then stands
   */
  public static void save(Path directory, JsonObject description, Module model, Optimizer optimizer)
      throws IOException {
    requireReplaceable(directory);
    Path around = directory.toAbsolutePath().getParent();
    if (around != null) {
      Files.createDirectories(around);
    }
    AtomicDirectory.replace(
        directory,
        folder -> {
          Json.write(folder.resolve(DESCRIPTION), versioned(description));
          Weights.save(folder.resolve(MODEL), model);
          Weights.save(folder.resolve(OPTIMIZER), optimizer.state());
        });
  }

  /**
   * Checks that {@link #save} would delete nothing but a checkpoint: that a directory is missing,
   * empty, or holds the files of one and nothing else.
   *
   * @throws CheckpointException when it is a file, or holds something else; the message names it
   * @throws IOException when it cannot be read
   */
  public static void requireReplaceable(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw new CheckpointException(
          "%s is a file, expected a directory for a checkpoint; name another".formatted(directory));
    }
    try (Stream<Path> entries = Files.list(directory)) {
      Optional<Path> foreign =
          entries.filter(entry -> !belongs(entry)).map(Path::getFileName).sorted().findFirst();
      if (foreign.isPresent()) {
        throw new CheckpointException(
            "%s holds %s, which is no part of a checkpoint and would be deleted with the old one; move it elsewhere, or name a directory of its own, such as %s"
                .formatted(directory, foreign.get(), directory.resolve("checkpoint")));
      }
    }
  }

  private static boolean belongs(Path entry) {
    return FILES.contains(entry.getFileName().toString()) && !Files.isDirectory(entry);
  }

  /**
   * Opens a checkpoint and reads its description.
   *
   * @throws CheckpointException when there is none, its description is damaged, or a newer version
   *     of the library wrote it
   */
  public static Checkpoint open(Path directory) throws IOException {
    AtomicDirectory.recover(directory);
    Path description = directory.resolve(DESCRIPTION);
    if (!Files.isRegularFile(description)) {
      throw new CheckpointException(
          "%s holds no model: expected a file %s; name a directory that training wrote"
              .formatted(directory, DESCRIPTION));
    }
    try {
      JsonObject json = Json.read(description);
      requireKnown(directory, json);
      return new Checkpoint(directory, json);
    } catch (JsonException e) {
      throw damaged(description, e);
    }
  }

  private static JsonObject versioned(JsonObject description) {
    JsonObject.Builder all = JsonObject.builder().put(VERSION_NAME, VERSION);
    description.names().forEach(name -> all.put(name, description.value(name)));
    return all.build();
  }

  private static void requireKnown(Path directory, JsonObject json) throws CheckpointException {
    int version = json.optionalInteger(VERSION_NAME).orElse(VERSION);
    if (version < 1) {
      throw json.error(VERSION_NAME, "expected 1 to " + VERSION + ", met " + version);
    }
    if (version > VERSION) {
      throw new CheckpointException(
          "%s is a checkpoint of version %d, but this library reads versions up to %d; use the newer release of Impromptu that wrote it"
              .formatted(directory, version, VERSION));
    }
  }

  /**
   * Fills a model with the saved values.
   *
   * @throws CheckpointException when the file is damaged or belongs to another model
   */
  public void loadInto(Module model) throws IOException {
    Path file = directory.resolve(MODEL);
    Weights.load(file.toString(), arrays(file), Weights.parameters(model));
  }

  /**
   * Fills an optimizer with the saved state.
   *
   * @param steps updates made before the checkpoint
   * @throws CheckpointException when the file is damaged or belongs to another model
   */
  public void loadInto(Optimizer optimizer, long steps) throws IOException {
    Path file = directory.resolve(OPTIMIZER);
    Weights.load(file.toString(), arrays(file), optimizer.state());
    optimizer.resume(steps);
  }

  /**
   * Fills a model and its optimizer with what was saved of both. Both are checked before either is
   * changed.
   *
   * @param steps updates made before the checkpoint
   * @throws CheckpointException when a file is damaged or belongs to another model or optimizer
   */
  public void loadInto(Module model, Optimizer optimizer, long steps) throws IOException {
    Path weights = directory.resolve(MODEL);
    Path memory = directory.resolve(OPTIMIZER);
    Map<String, HostArray> saved = arrays(weights);
    Map<String, HostArray> remembered = arrays(memory);
    Weights.requireFit(weights.toString(), saved, Weights.parameters(model));
    Weights.load(memory.toString(), remembered, optimizer.state());
    Weights.write(saved, Weights.parameters(model));
    optimizer.resume(steps);
  }

  /** A damaged file in a checkpoint is not mended but replaced, so the error says so. */
  private static Map<String, HostArray> arrays(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(
          "%s is missing; the checkpoint is incomplete, use another one".formatted(file));
    }
    try {
      return Safetensors.read(file).arrays();
    } catch (SafetensorsException e) {
      throw damaged(file, e);
    }
  }

  private static CheckpointException damaged(Path file, Exception cause) {
    String message = String.valueOf(cause.getMessage());
    String source = file + ": ";
    String what = message.startsWith(source) ? message.substring(source.length()) : message;
    var exception =
        new CheckpointException("%s is damaged: %s; use another checkpoint".formatted(file, what));
    exception.initCause(cause);
    return exception;
  }
}
