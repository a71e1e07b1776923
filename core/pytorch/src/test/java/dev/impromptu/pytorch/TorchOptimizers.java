package dev.impromptu.pytorch;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OptimizerOptions;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.RMSprop;
import org.bytedeco.pytorch.RMSpropOptions;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.TensorVector;

/** PyTorch's optimizers. */
final class TorchOptimizers {
  // In the tuple of C++ that the options point to, the last element comes first.
  static final int BETA1 = 1;
  static final int BETA2 = 0;

  private final Map<String, Peer> peers = new HashMap<>();

  private TorchOptimizers() {}

  static Map<String, Peer> all() {
    var optimizers = new TorchOptimizers();
    optimizers.sgd();
    optimizers.adam();
    optimizers.rmsProp();
    return optimizers.peers;
  }

  private void sgd() {
    // The C++ class has no default rate; 1e-3 is that of torch.optim.SGD in Python.
    sgd("sgd_defaults", 1e-3, _ -> {});
    sgd("sgd", 0.2, _ -> {});
    sgd("sgd_decay", 0.2, o -> o.weight_decay().put(0.1));
    sgd("sgd_momentum", 0.2, o -> o.momentum().put(0.9));
    sgd(
        "sgd_dampening",
        0.2,
        o -> {
          o.momentum().put(0.9);
          o.dampening().put(0.3);
        });
    sgd(
        "sgd_nesterov",
        0.2,
        o -> {
          o.momentum().put(0.9);
          o.nesterov().put(true);
        });
    sgd(
        "sgd_nesterov_decay",
        0.2,
        o -> {
          o.momentum().put(0.8);
          o.nesterov().put(true);
          o.weight_decay().put(0.1);
        });
    peers.put(
        "sgd_clipped",
        new OptimizerPeer(
            layer -> new SGD(layer.parameters(), sgdOptions(0.2, o -> o.momentum().put(0.9))),
            0.25));
    peers.put(
        "sgd_groups",
        new OptimizerPeer(
            layer ->
                withBias(
                    new SGD(weight(layer), momentumAndDecay(0.2, 0.1)),
                    layer,
                    momentumAndDecay(0.1, 0))));
  }

  private static SGDOptions momentumAndDecay(double rate, double decay) {
    return sgdOptions(
        rate,
        o -> {
          o.momentum().put(0.9);
          o.weight_decay().put(decay);
        });
  }

  private static SGDOptions sgdOptions(double rate, Consumer<SGDOptions> chosen) {
    var options = new SGDOptions(rate);
    chosen.accept(options);
    return options;
  }

  private void sgd(String name, double rate, Consumer<SGDOptions> chosen) {
    peers.put(
        name, new OptimizerPeer(layer -> new SGD(layer.parameters(), sgdOptions(rate, chosen))));
  }

  private void adam() {
    peers.put(
        "adam", new OptimizerPeer(layer -> new Adam(layer.parameters(), new AdamOptions(0.05))));
    peers.put(
        "adam_clipped",
        new OptimizerPeer(layer -> new Adam(layer.parameters(), new AdamOptions(0.05)), 0.25));
    peers.put("adamw_defaults", new OptimizerPeer(layer -> new AdamW(layer.parameters())));
    peers.put(
        "adamw", new OptimizerPeer(layer -> new AdamW(layer.parameters(), new AdamWOptions(0.05))));
    peers.put(
        "adamw_choices",
        new OptimizerPeer(
            layer -> {
              var options = new AdamWOptions(0.05);
              options.betas().put(BETA1, 0.7);
              options.betas().put(BETA2, 0.95);
              options.eps().put(1e-2);
              options.weight_decay().put(0.3);
              return new AdamW(layer.parameters(), options);
            }));
    peers.put(
        "adamw_groups",
        new OptimizerPeer(
            layer -> withBias(new AdamW(weight(layer), adamW(0.05, 0.3)), layer, adamW(0.025, 0))));
  }

  private static AdamWOptions adamW(double rate, double decay) {
    var options = new AdamWOptions(rate);
    options.weight_decay().put(decay);
    return options;
  }

  private void rmsProp() {
    peers.put("rmsprop_defaults", new OptimizerPeer(layer -> new RMSprop(layer.parameters())));
    rmsProp("rmsprop", _ -> {});
    rmsProp(
        "rmsprop_choices",
        o -> {
          o.alpha().put(0.8);
          o.eps().put(1e-2);
          o.weight_decay().put(0.1);
        });
    rmsProp("rmsprop_momentum", o -> o.momentum().put(0.6));
    rmsProp("rmsprop_centered", o -> o.centered().put(true));
    rmsProp(
        "rmsprop_all",
        o -> {
          o.alpha().put(0.9);
          o.eps().put(1e-3);
          o.weight_decay().put(0.1);
          o.momentum().put(0.6);
          o.centered().put(true);
        });
    peers.put(
        "rmsprop_groups",
        new OptimizerPeer(
            layer ->
                withBias(new RMSprop(weight(layer), rmsProp(0.02, 0.1)), layer, rmsProp(0.01, 0))));
  }

  private static RMSpropOptions rmsProp(double rate, double decay) {
    var options = new RMSpropOptions(rate);
    options.momentum().put(0.6);
    options.weight_decay().put(decay);
    return options;
  }

  private void rmsProp(String name, Consumer<RMSpropOptions> chosen) {
    peers.put(
        name,
        new OptimizerPeer(
            layer -> {
              var options = new RMSpropOptions(0.02);
              chosen.accept(options);
              return new RMSprop(layer.parameters(), options);
            }));
  }

  private static TensorVector weight(LinearImpl layer) {
    return new TensorVector(layer.weight());
  }

  private static Optimizer withBias(Optimizer ofWeight, LinearImpl layer, OptimizerOptions ofBias) {
    ofWeight.add_param_group(new OptimizerParamGroup(new TensorVector(layer.bias()), ofBias));
    return ofWeight;
  }
}
