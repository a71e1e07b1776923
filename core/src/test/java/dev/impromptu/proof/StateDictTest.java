package dev.impromptu.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.functional.Mode;
import dev.impromptu.io.Safetensors;
import dev.impromptu.io.Weights;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.testkit.Tolerance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model with the names and shapes that PyTorch's own module gave. */
class StateDictTest {
  @TempDir private Path folder;

  private static Model loaded() throws IOException {
    var model = new Model(Device.reference());
    try (InputStream in = StateDictTest.class.getResourceAsStream(Proofs.STATE_DICT)) {
      Weights.load(Proofs.STATE_DICT, in, model);
    }
    return model;
  }

  @Test
  void aModelSavedByPyTorchComputesTheSameHere() throws IOException {
    Proof proof =
        Proofs.all().stream().filter(p -> p.name().equals("model")).findFirst().orElseThrow();
    Recorded golden = Proofs.golden().get("model");
    try (var _ = Scope.open()) {
      double[] met =
          loaded()
              .forward(golden.inputs().get("ids").on(Device.reference()), Mode.EVALUATION)
              .toDoubleArray();
      Tolerance.requireClose(
          "y",
          met,
          Proof.doubles(golden.outputs().get("y")),
          Proof.allowed(Device.reference(), proof.kind(), proof.terms()));
    }
  }

  @Test
  void aModelSavedHereHasTheNamesShapesAndValuesOfPyTorchs() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Weights.save(file, loaded());
    Safetensors saved = Safetensors.read(file);
    assertEquals(Proofs.read(Proofs.STATE_DICT), saved.arrays());
    assertEquals("pt", saved.metadata().get("format"));
  }
}
