package dev.impromptu.pytorch;

import dev.impromptu.io.HostArray;
import dev.impromptu.proof.OptimizerProof;
import dev.impromptu.proof.Proof;
import dev.impromptu.proof.Recorded;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Ten steps of an optimizer of PyTorch.
 *
 * @param optimizer makes it for the layer
 * @param maxNorm for {@code clip_grad_norm_} before each step; infinity for none
 */
record OptimizerPeer(Function<LinearImpl, Optimizer> optimizer, double maxNorm) implements Peer {
  OptimizerPeer(Function<LinearImpl, Optimizer> optimizer) {
    this(optimizer, Double.POSITIVE_INFINITY);
  }

  @Override
  public Recorded run(Proof proof, ScalarType type) {
    Recorded given = proof.given();
    try (var _ = new PointerScope()) {
      var layer = new LinearImpl(OptimizerProof.IN, OptimizerProof.OUT);
      layer.to(type, false);
      Torch.load(layer, given.parameters());
      Optimizer learning = optimizer.apply(layer);
      Tensor x = Torch.tensor(given.inputs().get("x"), type);
      Tensor target = Torch.tensor(given.inputs().get("target"), type);
      SequencedMap<String, TensorVector> course = new LinkedHashMap<>();
      Torch.parameters(layer).keySet().forEach(name -> course.put(name, new TensorVector()));
      for (int step = 0; step < OptimizerProof.STEPS; step++) {
        learning.zero_grad();
        torch.mse_loss(layer.forward(x.select(0, step)), target.select(0, step)).backward();
        if (maxNorm < Double.POSITIVE_INFINITY) {
          torch.clip_grad_norm_(layer.parameters(), maxNorm);
        }
        learning.step();
        Torch.parameters(layer)
            .forEach((name, tensor) -> course.get(name).push_back(tensor.detach().clone()));
      }
      SequencedMap<String, HostArray> outputs = new LinkedHashMap<>();
      course.forEach((name, values) -> outputs.put(name, Torch.array(torch.stack(values))));
      return new Recorded(given.inputs(), given.parameters(), outputs, new LinkedHashMap<>());
    }
  }
}
