package dev.impromptu.pytorch;

import org.bytedeco.pytorch.Conv1dImpl;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.SequentialImpl;
import org.bytedeco.pytorch.TanhImpl;
import org.bytedeco.pytorch.Tensor;

/** {@code dev.impromptu.proof.Model} as one would write it with PyTorch. */
final class TorchModel extends Module {
  private final EmbeddingImpl embedding = register_module("embedding", new EmbeddingImpl(11, 6));
  private final LSTMImpl lstm =
      register_module("lstm", new LSTMImpl(TorchLayers.lstm(6, 5, 2, true)));
  private final GRUImpl gru = register_module("gru", new GRUImpl(TorchLayers.gru(10, 8, 1)));
  private final Conv1dImpl conv = register_module("conv", TorchLayers.conv(8, 6, 3, 1, 2, 2));
  private final LayerNormImpl norm = register_module("norm", TorchLayers.norm(6));
  private final SequentialImpl head = register_module("head", new SequentialImpl());

  TorchModel() {
    super("Model");
    head.push_back(new LinearImpl(6, 4));
    head.push_back(new TanhImpl());
    head.push_back(new LinearImpl(4, 3));
  }

  Tensor forward(Tensor ids) {
    Tensor sequence = lstm.forward(embedding.forward(ids)).get0();
    Tensor remembered = gru.forward(sequence).get0();
    return head.forward(norm.forward(TorchLayers.convolved(conv::forward, remembered)));
  }
}
