package dev.impromptu.pytorch;

import dev.impromptu.functional.Mode;
import dev.impromptu.io.HostArray;
import dev.impromptu.io.Safetensors;
import dev.impromptu.io.Weights;
import dev.impromptu.proof.Draws;
import dev.impromptu.proof.Model;
import dev.impromptu.proof.Proof;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.testkit.Tolerance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole models by their state dictionaries, each as its library first made it. */
class InterchangeTest {
  private static final HostArray IDS = Draws.ids("interchange", 11, 3, 7);

  @TempDir private Path folder;

  @Test
  void aModelSavedHereLoadsInPyTorch() throws IOException {
    Path file = folder.resolve("ours.safetensors");
    var ours = new Model(Device.cpu());
    Weights.save(file, ours);
    try (var _ = new PointerScope()) {
      var theirs = new TorchModel();
      Torch.load(theirs, Safetensors.read(file).arrays());
      requireTheSame(ours, theirs);
    }
  }

  @Test
  void aModelSavedByPyTorchLoadsHere() throws IOException {
    Path file = folder.resolve("theirs.safetensors");
    try (var _ = new PointerScope()) {
      torch.manual_seed(3);
      var theirs = new TorchModel();
      SequencedMap<String, HostArray> state = new LinkedHashMap<>();
      Torch.parameters(theirs)
          .forEach((name, tensor) -> state.put(name, Torch.rounded(Torch.array(tensor))));
      new Safetensors(state, Map.of("format", "pt")).write(file);
      var ours = new Model(Device.cpu());
      Weights.load(file, ours);
      requireTheSame(ours, theirs);
    }
  }

  private static void requireTheSame(Model ours, TorchModel theirs) {
    try (var _ = Scope.open()) {
      Tolerance.requireClose(
          "the model's output",
          ours.forward(IDS.on(Device.cpu()), Mode.EVALUATION).toDoubleArray(),
          Proof.doubles(Torch.array(theirs.forward(Torch.tensor(IDS, ScalarType.Float)))),
          Tolerance.float32(Tolerance.Kind.RECURRENT, 7 * (10 + 8)));
    }
  }
}
