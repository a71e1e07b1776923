package dev.impromptu.pytorch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.nn.BiLSTM;
import dev.impromptu.nn.CausalConv1d;
import dev.impromptu.nn.Conv1d;
import dev.impromptu.nn.Embedding;
import dev.impromptu.nn.GRU;
import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.LSTMCell;
import dev.impromptu.nn.LayerNorm;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.proof.Proof;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.LSTMCellImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** New layers draw their parameters from the distributions that PyTorch's draw from. */
class FirstValuesTest {
  private static final Device DEVICE = Device.cpu();

  /** The same layer twice. */
  record Layers(String name, Module ours, Supplier<org.bytedeco.pytorch.Module> theirs) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Layers> layers() {
    var random = new PhiloxRandom(5);
    return Stream.of(
        new Layers("Linear", new Linear(DEVICE, 40, 500, random), () -> new LinearImpl(40, 500)),
        new Layers(
            "Embedding", new Embedding(DEVICE, 300, 20, random), () -> new EmbeddingImpl(300, 20)),
        new Layers("LayerNorm", new LayerNorm(DEVICE, 300), () -> TorchLayers.norm(300)),
        new Layers(
            "Conv1d", new Conv1d(DEVICE, 9, 400, 5, random), () -> TorchLayers.conv(9, 400, 5)),
        new Layers(
            "CausalConv1d",
            new CausalConv1d(DEVICE, 9, 400, 5, 2, random),
            () -> TorchLayers.conv(9, 400, 5, 1, 0, 2)),
        new Layers(
            "LSTM",
            new LSTM(DEVICE, 20, 90, 2, random),
            () -> new LSTMImpl(TorchLayers.lstm(20, 90, 2, false))),
        new Layers(
            "BiLSTM",
            new BiLSTM(DEVICE, 20, 90, 2, random),
            () -> new LSTMImpl(TorchLayers.lstm(20, 90, 2, true))),
        new Layers(
            "LSTMCell", new LSTMCell(DEVICE, 20, 90, random), () -> new LSTMCellImpl(20, 90)),
        new Layers(
            "GRU",
            new GRU(DEVICE, 20, 90, 2, random),
            () -> new GRUImpl(TorchLayers.gru(20, 90, 2))));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void eachParameterIsDrawnAsPyTorchs(Layers layers) {
    try (var _ = new PointerScope()) {
      torch.manual_seed(7);
      var theirs = Torch.parameters(layers.theirs.get());
      var ours = Module.parameters(layers.ours);
      assertEquals(theirs.keySet(), ours.keySet());
      theirs.forEach(
          (name, tensor) ->
              requireOneDistribution(
                  name,
                  ours.get(name).value().toDoubleArray(),
                  Proof.doubles(Torch.array(tensor))));
    }
  }

  /** The test of Kolmogorov and Smirnov: one in a thousand equal distributions would fail it. */
  private static void requireOneDistribution(String name, double[] ours, double[] theirs) {
    Arrays.sort(ours);
    Arrays.sort(theirs);
    if (theirs[0] == theirs[theirs.length - 1]) {
      assertArrayEquals(theirs, ours, name);
      return;
    }
    double farthest = 0;
    int below = 0;
    for (int i = 0; i < ours.length; i++) {
      while (below < theirs.length && theirs[below] <= ours[i]) {
        below++;
      }
      farthest =
          Math.max(farthest, Math.abs((i + 1.0) / ours.length - below / (double) theirs.length));
    }
    double allowed = 1.95 * Math.sqrt(2.0 / ours.length);
    assertTrue(
        farthest < allowed,
        "%s: shares below a value differ by %.4f, allowed %.4f".formatted(name, farthest, allowed));
  }
}
