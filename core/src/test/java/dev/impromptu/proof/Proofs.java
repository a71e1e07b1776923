package dev.impromptu.proof;

import dev.impromptu.io.HostArray;
import dev.impromptu.io.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * All proofs, and what PyTorch computed for them: the golden files, one for each group. They are
 * written with {@code ./mvnw -Ppytorch}; docs/build.md says how.
 */
public final class Proofs {
  /** The state dictionary of {@link Model} as PyTorch would save it. */
  public static final String STATE_DICT = "state_dict.safetensors";

  private Proofs() {}

  /** By the name of their group. */
  public static SequencedMap<String, List<Proof>> groups() {
    SequencedMap<String, List<Proof>> groups = new LinkedHashMap<>();
    groups.put("layers", LayerProofs.all());
    groups.put("functions", FunctionProofs.all());
    groups.put("losses", LossProofs.all());
    groups.put("optimizers", OptimizerProofs.all());
    return groups;
  }

  /** Every proof. */
  public static List<Proof> all() {
    return groups().values().stream().flatMap(List::stream).toList();
  }

  /** The golden file of a group. */
  public static String file(String group) {
    return group + ".safetensors";
  }

  /** Those that are too large for a golden file. */
  public static List<Proof> large() {
    return LargeProofs.all();
  }

  /** What PyTorch was given and computed, by the name of the proof, as the golden files hold it. */
  public static Map<String, Recorded> golden() throws IOException {
    Map<String, Recorded> golden = new HashMap<>();
    for (Map.Entry<String, List<Proof>> group : groups().entrySet()) {
      Map<String, HostArray> arrays = read(file(group.getKey()));
      for (Proof proof : group.getValue()) {
        golden.put(proof.name(), Recorded.of(proof.name(), arrays));
      }
    }
    return golden;
  }

  /** The arrays of a golden file. */
  public static Map<String, HostArray> read(String file) throws IOException {
    try (InputStream in = Proofs.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IOException("no golden file " + file + "; docs/build.md says how it is written");
      }
      return Safetensors.read(file, in).arrays();
    }
  }
}
