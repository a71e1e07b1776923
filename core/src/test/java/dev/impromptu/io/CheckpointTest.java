package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.nn.Linear;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir Path directory;
  private Path checkpoint;
  private Linear layer;

  @BeforeEach
  void save() throws IOException {
    checkpoint = directory.resolve("last");
    layer = new Linear(Device.cpu(), 2, 3, new PhiloxRandom(1));
    JsonObject description = JsonObject.builder().put("hidden", 3).build();
    Checkpoint.save(checkpoint, description, layer, new Adam(layer, 1e-3));
  }

  @Test
  void theDescriptionCarriesTheVersionOfTheLayout() throws IOException {
    JsonObject read = Checkpoint.open(checkpoint).description();
    assertEquals(1, read.integer("checkpoint_version"));
    assertEquals(3, read.integer("hidden"));
  }

  @Test
  void oneWrittenBeforeThereWereVersionsIsRead() throws IOException {
    Files.writeString(checkpoint.resolve("model.json"), "{\"hidden\": 3}");
    Checkpoint.open(checkpoint).loadInto(layer);
  }

  @Test
  void aNewerOneIsRefusedWithTheMend() throws IOException {
    Files.writeString(checkpoint.resolve("model.json"), "{\"checkpoint_version\": 2}");
    var e = assertThrows(CheckpointException.class, () -> Checkpoint.open(checkpoint));
    assertEquals(
        checkpoint
            + " is a checkpoint of version 2, but this library reads versions up to 1; use the"
            + " newer release of Impromptu that wrote it",
        e.getMessage());
  }

  @Test
  void aVersionThatNeverWasIsDamage() throws IOException {
    Files.writeString(checkpoint.resolve("model.json"), "{\"checkpoint_version\": 0}");
    var e = assertThrows(CheckpointException.class, () -> Checkpoint.open(checkpoint));
    assertTrue(
        e.getMessage().endsWith("expected 1 to 1, met 0; use another checkpoint"), e.getMessage());
  }

  @Test
  void aMissingOrDamagedFileIsNamed() throws IOException {
    Checkpoint opened = Checkpoint.open(checkpoint);
    Path model = checkpoint.resolve("model.safetensors");
    Files.writeString(model, "no tensors");
    var damaged = assertThrows(CheckpointException.class, () -> opened.loadInto(layer));
    assertTrue(damaged.getMessage().startsWith(model + " is damaged: "), damaged.getMessage());
    Files.delete(model);
    var missing = assertThrows(CheckpointException.class, () -> opened.loadInto(layer));
    assertTrue(missing.getMessage().startsWith(model + " is missing"), missing.getMessage());
  }
}
