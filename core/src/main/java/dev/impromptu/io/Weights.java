package dev.impromptu.io;

import dev.impromptu.nn.Module;
import dev.impromptu.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a model as a safetensors file, under PyTorch's names and in its layouts: what
 * {@code safetensors.torch.save_file(model.state_dict(), …)} writes is loaded here, and what is
 * saved here {@code load_file} reads there.
 *
 * <p>{@code load} is strict: every missing, unexpected and misshapen entry is listed in one error,
 * and the model is left as it was. {@code loadMatching} takes what a part of another model has in
 * common with this one. F16, BF16 and F64 are taken too, rounded where the device keeps fewer
 * digits.
 */
public final class Weights {
  /** The library that the names and layouts follow, as the files of that library say it. */
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  private Weights() {}

  /**
   * Writes the parameters of a model; see {@link Safetensors#write(Path)}.
   *
   * @param file to write or replace
   * @throws IOException if it cannot be written
   */
  public static void save(Path file, Module model) throws IOException {
    save(file, parameters(model));
  }

  /**
   * Fills a model with saved values.
   *
   * @param file to read
   * @throws SafetensorsException if it is malformed
   * @throws CheckpointException if it belongs to another model
   * @throws IOException if it cannot be read
   */
  public static void load(Path file, Module model) throws IOException {
    load(file.toString(), Safetensors.read(file).arrays(), parameters(model));
  }

  /**
   * Fills a model with values from a stream, for example a resource on the class path.
   *
   * @param name what errors call it
   * @param in read to its end, not closed
   * @throws SafetensorsException if it is malformed
   * @throws CheckpointException if it belongs to another model
   * @throws IOException if it cannot be read
   */
  public static void load(String name, InputStream in, Module model) throws IOException {
    load(name, Safetensors.read(name, in).arrays(), parameters(model));
  }

  /**
   * What {@link #loadMatching} did not use; empty lists where the file fits the model exactly.
   *
   * @param missing parameters that the file lacks, which keep their values; in the model's order
   * @param unexpected entries that the model has no parameter for; in the file's order
   */
  public record Unmatched(List<String> missing, List<String> unexpected) {
    /** Copies the lists. */
    public Unmatched {
      missing = List.copyOf(missing);
      unexpected = List.copyOf(unexpected);
    }
  }

  /**
   * Fills the parameters of a model whose names a file has too, and leaves the others as they are;
   * PyTorch's {@code load_state_dict(…, strict=False)}. What the model does not want is not read,
   * so it may be of any element type. A file of other names alone changes nothing: look at what is
   * returned.
   *
   * @param file to read
   * @return the names that stand on one side only
   * @throws SafetensorsException if it is malformed, or an entry that is wanted has an element type
   *     that cannot be read
   * @throws CheckpointException if entries that are wanted have another shape or hold no
   *     floating-point values, listing all; the model is left as it was
   * @throws IOException if it cannot be read
   */
  public static Unmatched loadMatching(Path file, Module model) throws IOException {
    SequencedMap<String, Tensor> targets = parameters(model);
    SafetensorsReader.Selection read = SafetensorsReader.read(file, targets::containsKey);
    return loadMatching(file.toString(), read, targets);
  }

  /**
   * The same with values from a stream, for example a resource on the class path.
   *
   * @param name what errors call it
   * @param in read to its end, not closed
   * @return the names that stand on one side only
   * @throws SafetensorsException if it is malformed, or an entry that is wanted has an element type
   *     that cannot be read
   * @throws CheckpointException if entries that are wanted have another shape or hold no
   *     floating-point values, listing all; the model is left as it was
   * @throws IOException if it cannot be read
   */
  public static Unmatched loadMatching(String name, InputStream in, Module model)
      throws IOException {
    SequencedMap<String, Tensor> targets = parameters(model);
    return loadMatching(name, SafetensorsReader.read(name, in, targets::containsKey), targets);
  }

  private static Unmatched loadMatching(
      String source, SafetensorsReader.Selection read, SequencedMap<String, Tensor> targets)
      throws CheckpointException {
    Map<String, HostArray> arrays = read.wanted().arrays();
    SequencedMap<String, Tensor> found = new LinkedHashMap<>(targets);
    found.keySet().retainAll(arrays.keySet());
    load(source, arrays, found);
    List<String> missing =
        targets.keySet().stream().filter(name -> !found.containsKey(name)).toList();
    return new Unmatched(missing, read.others());
  }

  static void save(Path file, SequencedMap<String, Tensor> tensors) throws IOException {
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> arrays.put(name, HostArray.of(tensor)));
    new Safetensors(arrays, METADATA).write(file);
  }

  static void load(
      String source, Map<String, HostArray> arrays, SequencedMap<String, Tensor> targets)
      throws CheckpointException {
    requireFit(source, arrays, targets);
    write(arrays, targets);
  }

  static void requireFit(
      String source, Map<String, HostArray> arrays, SequencedMap<String, Tensor> targets)
      throws CheckpointException {
    List<String> problems = new ArrayList<>();
    targets.forEach((name, tensor) -> check(name, tensor, arrays.get(name), problems));
    arrays.forEach(
        (name, array) -> {
          if (!targets.containsKey(name)) {
            problems.add("unexpected " + name + " " + array.shape());
          }
        });
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          "%s does not fit the model: %s; load it into the model it was saved from"
              .formatted(source, String.join(", ", problems)));
    }
  }

  /** Writes what was found to fit. */
  static void write(Map<String, HostArray> arrays, SequencedMap<String, Tensor> targets) {
    targets.forEach(
        (name, tensor) -> {
          switch (arrays.get(name)) {
            case HostArray.Floats(var _, var values) ->
                tensor.device().backend().write(values, tensor.writable());
            case HostArray.Doubles(var _, var values) ->
                tensor.device().backend().write(values, tensor.writable());
            default -> throw new IllegalStateException(name + " was checked to hold numbers");
          }
        });
  }

  private static void check(
      String name, Tensor target, @Nullable HostArray array, List<String> problems) {
    switch (array) {
      case null -> problems.add("missing " + name + " " + target.shape());
      case HostArray.Ints _, HostArray.Longs _ ->
          problems.add("%s is %s, expected floating-point values".formatted(name, array));
      case HostArray.Floats _, HostArray.Doubles _ -> {
        if (!array.shape().toString().equals(target.shape().toString())) {
          problems.add("%s is %s, expected %s".formatted(name, array.shape(), target.shape()));
        }
      }
    }
  }

  static SequencedMap<String, Tensor> parameters(Module model) {
    SequencedMap<String, Tensor> values = new LinkedHashMap<>();
    Module.parameters(model).forEach((name, parameter) -> values.put(name, parameter.value()));
    return values;
  }
}
