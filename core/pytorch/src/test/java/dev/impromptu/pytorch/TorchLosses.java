package dev.impromptu.pytorch;

import static dev.impromptu.pytorch.ForwardPeer.function;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.CrossEntropyLossOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.kNone;

/** PyTorch's losses. */
final class TorchLosses {
  private final Map<String, Peer> peers = new HashMap<>();

  private TorchLosses() {}

  static Map<String, Peer> all() {
    var losses = new TorchLosses();
    losses.crossEntropies();
    losses.peers.put(
        "bce_with_logits",
        function(in -> torch.binary_cross_entropy_with_logits(in.get("x"), in.get("target"))));
    losses.peers.put("mse", function(in -> torch.mse_loss(in.get("x"), in.get("target"))));
    return losses.peers;
  }

  private void crossEntropies() {
    crossEntropy("cross_entropy", _ -> {});
    crossEntropy("cross_entropy_per_row", o -> o.reduction().put(new kNone()));
    crossEntropy("cross_entropy_options", _ -> {});
    crossEntropy("cross_entropy_ignoring_-100", _ -> {});
    crossEntropy("cross_entropy_ignoring_3", o -> o.ignore_index().put(3));
    crossEntropy("cross_entropy_smoothed", o -> o.label_smoothing().put(0.1));
    crossEntropy("cross_entropy_smoothed_ignoring", o -> o.label_smoothing().put(0.3));
    crossEntropy("cross_entropy_of_ignored_rows_alone", o -> o.ignore_index().put(3));
    crossEntropy("cross_entropy_of_masked_classes", _ -> {});
    crossEntropy("cross_entropy_options_of_masked_classes", _ -> {});
    weighed("cross_entropy_weighed", _ -> {});
    weighed("cross_entropy_weighed_ignoring", _ -> {});
    weighed("cross_entropy_weighed_smoothed_ignoring", o -> o.label_smoothing().put(0.2));
  }

  private void crossEntropy(String name, Consumer<CrossEntropyLossOptions> chosen) {
    peers.put(name, function(in -> loss(in, new CrossEntropyLossOptions(), chosen)));
  }

  private void weighed(String name, Consumer<CrossEntropyLossOptions> chosen) {
    peers.put(
        name,
        function(
            in -> {
              var options = new CrossEntropyLossOptions();
              options.weight().put(in.get("weights"));
              return loss(in, options, chosen);
            }));
  }

  private static Tensor loss(
      Map<String, Tensor> in,
      CrossEntropyLossOptions options,
      Consumer<CrossEntropyLossOptions> chosen) {
    chosen.accept(options);
    return torch.cross_entropy(in.get("x"), in.get("targets"), options);
  }
}
