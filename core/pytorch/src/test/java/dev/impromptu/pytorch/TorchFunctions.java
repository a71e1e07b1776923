package dev.impromptu.pytorch;

import static dev.impromptu.pytorch.ForwardPeer.function;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** PyTorch's activations and other functions. */
final class TorchFunctions {
  private TorchFunctions() {}

  static Map<String, Peer> all() {
    Map<String, UnaryOperator<Tensor>> functions = new HashMap<>();
    functions.put("relu", torch::relu);
    functions.put("tanh", torch::tanh);
    functions.put("sigmoid", torch::sigmoid);
    functions.put("leaky_relu", torch::leaky_relu);
    functions.put("leaky_relu_of_slope_0.2", x -> torch.leaky_relu(x, new Scalar(0.2)));
    functions.put("elu", torch::elu);
    functions.put("silu", torch::silu);
    functions.put("gelu_tanh", x -> torch.gelu(x, "tanh"));
    functions.put("softplus", torch::softplus);
    functions.put("exp", Tensor::exp);
    functions.put("abs", Tensor::abs);
    functions.put("clamp", TorchFunctions::clamp);
    functions.put("log", Tensor::log);
    functions.put("sqrt", Tensor::sqrt);
    functions.put("pow", x -> x.pow(new Scalar(1.75)));

    Map<String, Peer> peers = new HashMap<>();
    functions.forEach(
        (name, function) -> {
          Peer peer = function(in -> function.apply(in.get("x")));
          peers.put(name, peer);
          peers.put(name + "_at_edges", peer);
        });
    Peer maximum = function(in -> torch.maximum(in.get("x"), in.get("other")));
    peers.put("maximum", maximum);
    peers.put("maximum_of_equals", maximum);
    for (int axis : new int[] {0, 1, -1}) {
      String of = "_of_axis_" + axis;
      peers.put("softmax" + of, function(in -> torch.softmax(in.get("x"), axis)));
      peers.put("log_softmax" + of, function(in -> torch.log_softmax(in.get("x"), axis)));
      peers.put("logsumexp" + of, function(in -> torch.logsumexp(in.get("x"), axis)));
    }
    for (String name : List.of("softmax", "log_softmax", "logsumexp")) {
      peers.put(name + "_of_masked_classes", peers.get(name + "_of_axis_-1"));
    }
    peers.put("weight_norm", function(in -> TorchLayers.weightNorm(in.get("v"), in.get("g"))));
    return peers;
  }

  private static Tensor clamp(Tensor x) {
    return x.clamp(new ScalarOptional(new Scalar(-1.0)), new ScalarOptional(new Scalar(0.5)));
  }
}
