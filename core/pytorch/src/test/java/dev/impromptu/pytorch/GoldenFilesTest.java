package dev.impromptu.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.io.HostArray;
import dev.impromptu.io.Safetensors;
import dev.impromptu.proof.Proof;
import dev.impromptu.proof.Proofs;
import dev.impromptu.proof.Recorded;
import dev.impromptu.testkit.Tolerance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The files that core's own tests compare with; {@code -Dimpromptu.golden=write} writes them. */
class GoldenFilesTest {
  private static final String SWITCH = "impromptu.golden";
  private static final Path FOLDER = Path.of("../src/test/resources/dev/impromptu/proof");
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  @Test
  @EnabledIfSystemProperty(named = SWITCH, matches = "write")
  void theFilesAreWritten() throws IOException {
    Files.createDirectories(FOLDER);
    for (Map.Entry<String, List<Proof>> group : Proofs.groups().entrySet()) {
      SequencedMap<String, HostArray> arrays = new LinkedHashMap<>();
      for (Proof proof : group.getValue()) {
        arrays.putAll(computed(proof).named(proof.name()));
      }
      new Safetensors(arrays, METADATA).write(FOLDER.resolve(Proofs.file(group.getKey())));
    }
    new Safetensors(stateDict(), METADATA).write(FOLDER.resolve(Proofs.STATE_DICT));
  }

  @Test
  @DisabledIfSystemProperty(named = SWITCH, matches = "write")
  void theFilesHoldWhatPyTorchComputes() throws IOException {
    Map<String, Recorded> files = Proofs.golden();
    for (Proof proof : Proofs.all()) {
      Recorded golden = files.get(proof.name());
      Recorded fresh = computed(proof);
      assertEquals(fresh.inputs(), golden.inputs(), proof.name());
      assertEquals(fresh.parameters(), golden.parameters(), proof.name());
      requireClose(proof, golden.outputs(), fresh.outputs());
      requireClose(proof, golden.gradients(), fresh.gradients());
    }
    assertEquals(stateDict(), Proofs.read(Proofs.STATE_DICT));
  }

  private static Recorded computed(Proof proof) {
    return Peer.of(proof).run(proof, ScalarType.Double);
  }

  private static void requireClose(
      Proof proof, Map<String, HostArray> met, Map<String, HostArray> expected) {
    assertEquals(expected.keySet(), met.keySet(), proof.name());
    expected.forEach(
        (name, array) -> {
          assertEquals(array.shape(), met.get(name).shape(), proof + ", " + name);
          Tolerance.requireClose(
              proof + ", " + name + " in the golden file",
              Proof.doubles(met.get(name)),
              Proof.doubles(array),
              Tolerance.float64(proof.kind(), proof.terms()));
        });
  }

  /**
   * The parameters of PyTorch's own model, by its names and in its order, as it would save them.
   */
  private static SequencedMap<String, HostArray> stateDict() {
    Proof proof =
        Proofs.all().stream().filter(p -> p.name().equals("model")).findFirst().orElseThrow();
    try (var _ = new PointerScope()) {
      var model = new TorchModel();
      Torch.load(model, proof.given().parameters());
      SequencedMap<String, HostArray> arrays = new LinkedHashMap<>();
      for (Map.Entry<String, Tensor> entry : Torch.parameters(model).entrySet()) {
        arrays.put(entry.getKey(), Torch.rounded(Torch.array(entry.getValue())));
      }
      return arrays;
    }
  }
}
