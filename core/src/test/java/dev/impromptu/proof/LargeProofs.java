package dev.impromptu.proof;

import static dev.impromptu.proof.ForwardProof.function;
import static dev.impromptu.proof.ForwardProof.layer;
import static dev.impromptu.proof.ForwardProof.output;

import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.nn.CausalConv1d;
import dev.impromptu.nn.Embedding;
import dev.impromptu.nn.GRU;
import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.LayerNorm;
import dev.impromptu.nn.Linear;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.testkit.Tolerance.Kind;
import java.util.List;

/**
 * Layers of the sizes of real models, where the processor takes the ways for large products. They
 * have no golden files. PyTorch's half of each is in {@code TorchLarge}.
 */
final class LargeProofs {
  private LargeProofs() {}

  static List<Proof> all() {
    var random = new PhiloxRandom(1);
    return List.of(
        layer(
                "large_linear",
                Kind.PRODUCTS,
                300,
                device -> new Linear(device, 300, 257, random),
                (linear, in) -> output("y", linear.forward(in.get("x"))))
            .with("x", -1, 1, 70, 300),
        layer(
                "large_embedding",
                Kind.PRODUCTS,
                32,
                device -> new Embedding(device, 173, 100, random),
                (embedding, in) -> output("y", embedding.forward(in.get("ids"))))
            .withIds("ids", 173, 8, 32),
        layer(
                "large_layer_norm",
                Kind.NORMALISED,
                515,
                device -> new LayerNorm(device, 515),
                (norm, in) -> output("y", norm.forward(in.get("x"))))
            .with("x", -1, 3, 33, 515),
        layer(
                "large_causal_conv1d",
                Kind.PRODUCTS,
                800,
                device -> new CausalConv1d(device, 32, 64, 2, 8, random),
                (conv, in) -> output("y", conv.forward(in.get("x"))))
            .with("x", -1, 1, 4, 200, 32),
        layer(
                "large_lstm",
                Kind.RECURRENT,
                32 * (100 + 256),
                device -> new LSTM(device, 100, 256, 3, random),
                (lstm, in) -> output("y", lstm.forward(in.get("x")).y()))
            .with("x", -1, 1, 8, 32, 100),
        layer(
                "large_gru",
                Kind.RECURRENT,
                20 * (60 + 65),
                device -> new GRU(device, 60, 65, 2, random),
                (gru, in) -> output("y", gru.forward(in.get("x")).y()))
            .with("x", -1, 1, 9, 20, 60),
        function(
                "large_cross_entropy",
                Kind.NORMALISED,
                173,
                in -> CrossEntropy.crossEntropy(in.get("x"), in.get("targets")))
            .with("x", -8, 8, 64, 173)
            .withIds("targets", 173, 64));
  }
}
