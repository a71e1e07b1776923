package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.optim.SGD;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  void aDirectoryThatHoldsSomethingElseIsNotReplaced() throws IOException {
    Path notes = Files.writeString(checkpoint.resolve("notes.txt"), "mine");
    var e =
        assertThrows(
            CheckpointException.class,
            () ->
                Checkpoint.save(
                    checkpoint, JsonObject.builder().build(), layer, new Adam(layer, 1e-3)));
    assertEquals(
        checkpoint
            + " holds notes.txt, which is no part of a checkpoint and would be deleted with the old"
            + " one; move it elsewhere, or name a directory of its own, such as "
            + checkpoint.resolve("checkpoint"),
        e.getMessage());
    assertEquals("mine", Files.readString(notes));
    assertEquals(3, Checkpoint.open(checkpoint).description().integer("hidden"));
  }

  @Test
  void aFolderUnderTheNameOfAFileIsNoPartOfACheckpoint() throws IOException {
    Path other = Files.createDirectories(directory.resolve("other"));
    Files.createDirectories(other.resolve("model.json/precious"));
    var e = assertThrows(CheckpointException.class, () -> Checkpoint.requireReplaceable(other));
    assertTrue(e.getMessage().startsWith(other + " holds model.json, "), e.getMessage());
    Path file = Files.writeString(directory.resolve("file"), "");
    e = assertThrows(CheckpointException.class, () -> Checkpoint.requireReplaceable(file));
    assertTrue(e.getMessage().startsWith(file + " is a file, "), e.getMessage());
  }

  @Test
  void anEmptyDirectoryAndOneThatIsNotThereAreTaken() throws IOException {
    for (Path place :
        List.of(Files.createDirectory(directory.resolve("empty")), directory.resolve("a/b/c"))) {
      Checkpoint.save(place, JsonObject.builder().build(), layer, new Adam(layer, 1e-3));
      Checkpoint.open(place).loadInto(layer);
    }
  }

  @Test
  void whereTheDirectoryAroundIsMissingTooThereIsNoCheckpoint() {
    Path nowhere = directory.resolve("no/where");
    var e = assertThrows(CheckpointException.class, () -> Checkpoint.open(nowhere));
    assertTrue(e.getMessage().startsWith(nowhere + " holds no model"), e.getMessage());
  }

  @Test
  void aModelStaysAsItIsWhereItsOptimizerDoesNotFit() throws IOException {
    var other = new Linear(Device.cpu(), 2, 3, new PhiloxRandom(2));
    float[] before = weight(other);
    var sgd = new SGD(other, SGD.Settings.DEFAULTS);
    Checkpoint opened = Checkpoint.open(checkpoint);
    var e = assertThrows(CheckpointException.class, () -> opened.loadInto(other, sgd, 5));
    assertTrue(e.getMessage().contains("unexpected weight.exp_avg [3, 2]"), e.getMessage());
    assertArrayEquals(before, weight(other));
    assertEquals(0, sgd.steps());

    var adam = new Adam(other, 1e-3);
    opened.loadInto(other, adam, 5);
    assertArrayEquals(weight(layer), weight(other));
    assertEquals(5, adam.steps());
  }

  private static float[] weight(Module module) {
    return Module.parameters(module).get("weight").value().toFloatArray();
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
