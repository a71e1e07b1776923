package dev.impromptu.proof;

import dev.impromptu.io.HostArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What went into a computation and what came out of it, each by name.
 *
 * @param inputs that it was given
 * @param parameters of its layers, by PyTorch's names
 * @param outputs that it gave
 * @param gradients of inputs and parameters, by the same names
 */
public record Recorded(
    SequencedMap<String, HostArray> inputs,
    SequencedMap<String, HostArray> parameters,
    SequencedMap<String, HostArray> outputs,
    SequencedMap<String, HostArray> gradients) {
  /** Copies the maps, not the values. */
  public Recorded {
    inputs = copy(inputs);
    parameters = copy(parameters);
    outputs = copy(outputs);
    gradients = copy(gradients);
  }

  private static SequencedMap<String, HostArray> copy(Map<String, HostArray> arrays) {
    return Collections.unmodifiableSequencedMap(new LinkedHashMap<>(arrays));
  }

  /** What goes in, before anything came out. */
  static Recorded given(
      SequencedMap<String, HostArray> inputs, SequencedMap<String, HostArray> parameters) {
    return new Recorded(inputs, parameters, new LinkedHashMap<>(), new LinkedHashMap<>());
  }

  /** All arrays as one file holds them for several proofs, such as {@code gru.gradient.x}. */
  public SequencedMap<String, HostArray> named(String proof) {
    SequencedMap<String, HostArray> all = new LinkedHashMap<>();
    parts().forEach((part, arrays) -> arrays.forEach((n, a) -> all.put(key(proof, part) + n, a)));
    return all;
  }

  /** The arrays of one proof in such a file. */
  static Recorded of(String proof, Map<String, HostArray> all) {
    var found =
        new Recorded(
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>());
    SequencedMap<String, SequencedMap<String, HostArray>> parts = new LinkedHashMap<>();
    for (String part : found.parts().keySet()) {
      SequencedMap<String, HostArray> arrays = new LinkedHashMap<>();
      String prefix = key(proof, part);
      all.forEach(
          (name, array) -> {
            if (name.startsWith(prefix)) {
              arrays.put(name.substring(prefix.length()), array);
            }
          });
      parts.put(part, arrays);
    }
    return new Recorded(
        parts.get("input"), parts.get("parameter"), parts.get("output"), parts.get("gradient"));
  }

  private static String key(String proof, String part) {
    return proof + "." + part + ".";
  }

  private SequencedMap<String, SequencedMap<String, HostArray>> parts() {
    SequencedMap<String, SequencedMap<String, HostArray>> parts = new LinkedHashMap<>();
    parts.put("input", inputs);
    parts.put("parameter", parameters);
    parts.put("output", outputs);
    parts.put("gradient", gradients);
    return parts;
  }
}
