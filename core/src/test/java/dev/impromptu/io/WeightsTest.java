package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files called {@code linear*} were written by the format's own library: see golden.py. */
class WeightsTest {
  private static final Device DEVICE = Device.cpu();

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"linear", "linear_f64", "linear_f16", "linear_bf16"})
  void aLinearLayerOfPyTorchLoadsFromTheClassPath(String name) throws IOException {
    var layer = new Linear(DEVICE, 2, 3, new PhiloxRandom(1));
    String resource = name + ".safetensors";
    try (InputStream in = WeightsTest.class.getResourceAsStream(resource)) {
      Weights.load(resource, Objects.requireNonNull(in), layer);
    }
    assertArrayEquals(new float[] {0, 0.25f, 0.5f, 0.75f, 1, 1.25f}, values(layer, "weight"));
    assertArrayEquals(new float[] {-1.5f, 0.25f, 3}, values(layer, "bias"));
  }

  @Test
  void aSavedModelSaysThatItFollowsPyTorch() throws IOException {
    Path file = directory.resolve("model.safetensors");
    Weights.save(file, new LSTM(DEVICE, 3, 4, 2, new PhiloxRandom(1)));

    Safetensors saved = Safetensors.read(file);

    assertEquals(Map.of("format", "pt"), saved.metadata());
    assertEquals(List.of(16, 3), shape(saved, "weight_ih_l0"));
    assertEquals(List.of(16, 4), shape(saved, "weight_hh_l1"));
    assertEquals(List.of(16), shape(saved, "bias_hh_l1"));
  }

  @Test
  void whatWasSavedIsLoadedToTheLastBit() throws IOException {
    Path file = directory.resolve("model.safetensors");
    var saved = new Linear(DEVICE, 5, 7, new PhiloxRandom(1));
    var loaded = new Linear(DEVICE, 5, 7, new PhiloxRandom(2));
    Weights.save(file, saved);
    Weights.load(file, loaded);
    assertArrayEquals(values(saved, "weight"), values(loaded, "weight"));
    assertArrayEquals(values(saved, "bias"), values(loaded, "bias"));
  }

  @Test
  void everyMismatchIsListedAtOnceAndNothingIsLoaded() throws IOException {
    Path file = directory.resolve("model.safetensors");
    var layer = new Linear(DEVICE, 2, 3, new PhiloxRandom(1));
    float[] before = values(layer, "weight");
    Module model =
        v -> {
          v.child("head", layer);
          v.child("body", new Linear(DEVICE, 1, 1, new PhiloxRandom(2)));
        };
    Map<String, HostArray> arrays = new LinkedHashMap<>();
    arrays.put("head.weight", HostArray.of(new float[6], 3, 2));
    arrays.put("head.bias", HostArray.of(new float[2], 2));
    arrays.put("body.weight", HostArray.of(new long[1], 1, 1));
    arrays.put("tail.weight", HostArray.of(new float[1], 1));
    new Safetensors(arrays, Map.of()).write(file);

    var e = assertThrows(CheckpointException.class, () -> Weights.load(file, model));

    assertEquals(
        file
            + " does not fit the model: head.bias is [2], expected [3], body.weight is Longs[1, 1],"
            + " expected floating-point values, missing body.bias [1], unexpected tail.weight [1];"
            + " load it into the model it was saved from",
        e.getMessage());
    assertArrayEquals(before, values(layer, "weight"));
  }

  private static List<Integer> shape(Safetensors saved, String name) {
    return Objects.requireNonNull(saved.arrays().get(name)).shape();
  }

  private static float[] values(Module model, String name) {
    return Objects.requireNonNull(Module.parameters(model).get(name)).value().toFloatArray();
  }
}
