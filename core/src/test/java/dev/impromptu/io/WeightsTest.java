package dev.impromptu.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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

  @Test
  void whatHasTheSameNameIsLoadedAndTheRestIsTold() throws IOException {
    Path file = directory.resolve("other.safetensors");
    Files.write(
        file,
        safetensors(
            """
            {"tail.mask": {"dtype": "BOOL", "shape": [3], "data_offsets": [0, 3]},
             "head.weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [3, 11]},
             "tail.count": {"dtype": "I64", "shape": [], "data_offsets": [11, 19]}}
            """,
            ByteBuffer.allocate(19)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {1, 0, 1})
                .putFloat(0.5f)
                .putFloat(-2)
                .putLong(7)
                .array()));
    var layer = new Linear(DEVICE, 2, 1, new PhiloxRandom(1));
    float[] bias = values(layer, "bias");
    Module model = v -> v.child("head", layer);
    assertThrows(SafetensorsException.class, () -> Weights.load(file, model));

    var unmatched = Weights.loadMatching(file, model);

    assertArrayEquals(new float[] {0.5f, -2}, values(layer, "weight"));
    assertArrayEquals(bias, values(layer, "bias"));
    assertEquals(
        new Weights.Unmatched(List.of("head.bias"), List.of("tail.mask", "tail.count")), unmatched);
    var other = new Linear(DEVICE, 2, 1, new PhiloxRandom(2));
    try (InputStream in = Files.newInputStream(file)) {
      assertEquals(unmatched, Weights.loadMatching("it", in, v -> v.child("head", other)));
    }
    assertArrayEquals(new float[] {0.5f, -2}, values(other, "weight"));
  }

  @Test
  void whatHasTheSameNameMustFit() throws IOException {
    Path file = directory.resolve("other.safetensors");
    Files.write(
        file,
        safetensors(
            """
            {"weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
             "bias": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}
            """,
            new byte[8]));
    var layer = new Linear(DEVICE, 2, 1, new PhiloxRandom(1));
    float[] before = values(layer, "bias");
    var e = assertThrows(CheckpointException.class, () -> Weights.loadMatching(file, layer));
    assertTrue(e.getMessage().contains("weight is [1], expected [1, 2]"), e.getMessage());
    assertArrayEquals(before, values(layer, "bias"));

    Files.write(
        file,
        safetensors(
            "{\"bias\": {\"dtype\": \"U8\", \"shape\": [1], \"data_offsets\": [0, 1]}}",
            new byte[1]));
    var unreadable =
        assertThrows(SafetensorsException.class, () -> Weights.loadMatching(file, layer));
    assertTrue(unreadable.getMessage().contains("element type U8 cannot be read"));
  }

  private static byte[] safetensors(String header, byte[] data) {
    byte[] text = header.strip().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }

  private static List<Integer> shape(Safetensors saved, String name) {
    return Objects.requireNonNull(saved.arrays().get(name)).shape();
  }

  private static float[] values(Module model, String name) {
    return Objects.requireNonNull(Module.parameters(model).get(name)).value().toFloatArray();
  }
}
