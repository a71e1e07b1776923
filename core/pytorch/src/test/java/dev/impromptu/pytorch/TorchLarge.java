package dev.impromptu.pytorch;

import static dev.impromptu.pytorch.ForwardPeer.function;
import static dev.impromptu.pytorch.ForwardPeer.outputs;

import java.util.Map;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.global.torch;

/** PyTorch's layers of the sizes of real models. */
final class TorchLarge {
  private TorchLarge() {}

  static Map<String, Peer> all() {
    return Map.of(
        "large_linear",
        new ForwardPeer<>(
            () -> new LinearImpl(300, 257),
            (linear, in) -> outputs("y", linear.forward(in.get("x")))),
        "large_embedding",
        new ForwardPeer<>(
            () -> new EmbeddingImpl(173, 100),
            (embedding, in) -> outputs("y", embedding.forward(in.get("ids")))),
        "large_layer_norm",
        new ForwardPeer<>(
            () -> TorchLayers.norm(515), (norm, in) -> outputs("y", norm.forward(in.get("x")))),
        "large_causal_conv1d",
        new ForwardPeer<>(
            () -> TorchLayers.conv(32, 64, 2, 1, 0, 8),
            (conv, in) -> outputs("y", TorchLayers.causal(conv, in.get("x"), 8))),
        "large_lstm",
        new ForwardPeer<>(
            () -> new LSTMImpl(TorchLayers.lstm(100, 256, 3, false)),
            (lstm, in) -> outputs("y", lstm.forward(in.get("x")).get0())),
        "large_gru",
        new ForwardPeer<>(
            () -> new GRUImpl(TorchLayers.gru(60, 65, 2)),
            (gru, in) -> outputs("y", gru.forward(in.get("x")).get0())),
        "large_cross_entropy",
        function(in -> torch.cross_entropy(in.get("x"), in.get("targets"))));
  }
}
