package dev.impromptu.io;

import dev.impromptu.nn.Module;
import dev.impromptu.nn.Parameter;
import dev.impromptu.optim.Optimizer;
import dev.impromptu.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A model and its training state in a directory: {@code model.json} that describes them, {@code
 * model.safetensors} under PyTorch's parameter names, {@code optimizer.safetensors}.
 *
 * <p>A directory is replaced as a whole, so a crash leaves the old one or the new one. Loading is
 * strict: every missing, unexpected and misshapen entry is listed in one error.
 *
 * @param directory where it lies
 * @param description the content of {@code model.json}
 */
public record Checkpoint(Path directory, JsonObject description) {
  private static final String DESCRIPTION = "model.json";
  private static final String MODEL = "model.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";

  /** Writes a checkpoint, replacing the one that was there. */
  public static void save(Path directory, JsonObject description, Module model, Optimizer optimizer)
      throws IOException {
    AtomicDirectory.replace(
        directory,
        folder -> {
          Json.write(folder.resolve(DESCRIPTION), description);
          write(folder.resolve(MODEL), values(model));
          write(folder.resolve(OPTIMIZER), optimizer.state());
        });
  }

  /**
   * Opens a checkpoint and reads its description.
   *
   * @throws CheckpointException when there is none or its description is damaged
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
      return new Checkpoint(directory, Json.read(description));
    } catch (JsonException e) {
      throw damaged(description, e);
    }
  }

  /**
   * Fills a model with the saved values.
   *
   * @throws CheckpointException when the file is damaged or belongs to another model
   */
  public void loadInto(Module model) throws IOException {
    load(directory.resolve(MODEL), values(model));
  }

  /**
   * Fills an optimizer with the saved state.
   *
   * @param steps updates made before the checkpoint
   * @throws CheckpointException when the file is damaged or belongs to another model
   */
  public void loadInto(Optimizer optimizer, long steps) throws IOException {
    load(directory.resolve(OPTIMIZER), optimizer.state());
    optimizer.resume(steps);
  }

  private static SequencedMap<String, Tensor> values(Module model) {
    SequencedMap<String, Tensor> values = new LinkedHashMap<>();
    for (Map.Entry<String, Parameter> entry : Module.parameters(model).entrySet()) {
      values.put(entry.getKey(), entry.getValue().value());
    }
    return values;
  }

  private static void write(Path file, SequencedMap<String, Tensor> tensors) throws IOException {
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) ->
            arrays.put(name, HostArray.of(tensor.toFloatArray(), tensor.shape().sizes())));
    new Safetensors(arrays, Map.of("format", "pt")).write(file);
  }

  private static void load(Path file, SequencedMap<String, Tensor> targets) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(
          "%s is missing; the checkpoint is incomplete, use another one".formatted(file));
    }
    Map<String, HostArray> arrays;
    try {
      arrays = Safetensors.read(file).arrays();
    } catch (SafetensorsException e) {
      throw damaged(file, e);
    }
    List<String> problems = new ArrayList<>();
    targets.forEach((name, tensor) -> check(name, tensor, arrays.get(name), problems));
    for (String name : arrays.keySet()) {
      if (!targets.containsKey(name)) {
        problems.add("unexpected " + name + " " + arrays.get(name).shape());
      }
    }
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          "%s does not fit the model: %s; load it into the model it was saved from"
              .formatted(file, String.join(", ", problems)));
    }
    targets.forEach(
        (name, tensor) -> {
          if (arrays.get(name) instanceof HostArray.Floats floats) {
            tensor.device().backend().write(floats.values(), tensor.storage());
          }
        });
  }

  private static void check(
      String name, Tensor target, @Nullable HostArray array, List<String> problems) {
    switch (array) {
      case null -> problems.add("missing " + name + " " + target.shape());
      case HostArray.Floats(List<Integer> shape, float[] _) -> {
        if (!shape.toString().equals(target.shape().toString())) {
          problems.add("%s is %s, expected %s".formatted(name, shape, target.shape()));
        }
      }
      default -> problems.add("%s is %s, expected 32-bit values".formatted(name, array));
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
