package dev.impromptu.proof;

import dev.impromptu.optim.Adam;
import dev.impromptu.optim.AdamW;
import dev.impromptu.optim.ParameterGroup;
import dev.impromptu.optim.RMSProp;
import dev.impromptu.optim.SGD;
import java.util.List;

/** Every optimizer with every choice. PyTorch's half of each is {@code TorchOptimizers}. */
final class OptimizerProofs {
  private OptimizerProofs() {}

  /** The bias learns at half the rate and without decay. */
  private static ParameterGroup bias() {
    return new ParameterGroup(name -> name.equals("bias"), 0.5, 0);
  }

  static List<Proof> all() {
    SGD.Settings sgd = SGD.Settings.of(0.2);
    AdamW.Settings adamW = AdamW.Settings.of(0.05);
    RMSProp.Settings rmsProp = RMSProp.Settings.of(0.02);
    return List.of(
        new OptimizerProof("sgd_defaults", m -> new SGD(m, SGD.Settings.DEFAULTS)),
        new OptimizerProof("sgd", m -> new SGD(m, sgd)),
        new OptimizerProof("sgd_decay", m -> new SGD(m, sgd.withWeightDecay(0.1))),
        new OptimizerProof("sgd_momentum", m -> new SGD(m, sgd.withMomentum(0.9))),
        new OptimizerProof(
            "sgd_dampening", m -> new SGD(m, sgd.withMomentum(0.9).withDampening(0.3))),
        new OptimizerProof("sgd_nesterov", m -> new SGD(m, sgd.withNesterov(0.9))),
        new OptimizerProof(
            "sgd_nesterov_decay", m -> new SGD(m, sgd.withNesterov(0.8).withWeightDecay(0.1))),
        new OptimizerProof("sgd_clipped", m -> new SGD(m, sgd.withMomentum(0.9).withMaxNorm(0.25))),
        new OptimizerProof(
            "sgd_groups", m -> new SGD(m, sgd.withMomentum(0.9).withWeightDecay(0.1), bias())),
        new OptimizerProof("adam", m -> new Adam(m, 0.05)),
        new OptimizerProof("adam_clipped", m -> new Adam(m, 0.05, 0.25)),
        new OptimizerProof("adamw_defaults", m -> new AdamW(m, AdamW.Settings.DEFAULTS)),
        new OptimizerProof("adamw", m -> new AdamW(m, adamW)),
        new OptimizerProof(
            "adamw_choices",
            m -> new AdamW(m, adamW.withBetas(0.7, 0.95).withEpsilon(1e-2).withWeightDecay(0.3))),
        new OptimizerProof("adamw_groups", m -> new AdamW(m, adamW.withWeightDecay(0.3), bias())),
        new OptimizerProof("rmsprop_defaults", m -> new RMSProp(m, RMSProp.Settings.DEFAULTS)),
        new OptimizerProof("rmsprop", m -> new RMSProp(m, rmsProp)),
        new OptimizerProof(
            "rmsprop_choices",
            m -> new RMSProp(m, rmsProp.withAlpha(0.8).withEpsilon(1e-2).withWeightDecay(0.1))),
        new OptimizerProof("rmsprop_momentum", m -> new RMSProp(m, rmsProp.withMomentum(0.6))),
        new OptimizerProof("rmsprop_centered", m -> new RMSProp(m, rmsProp.withCentering())),
        new OptimizerProof(
            "rmsprop_all",
            m ->
                new RMSProp(
                    m,
                    rmsProp
                        .withAlpha(0.9)
                        .withEpsilon(1e-3)
                        .withWeightDecay(0.1)
                        .withMomentum(0.6)
                        .withCentering())),
        new OptimizerProof(
            "rmsprop_groups",
            m -> new RMSProp(m, rmsProp.withMomentum(0.6).withWeightDecay(0.1), bias())));
  }
}
