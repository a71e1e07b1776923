package dev.impromptu.pytorch;

import dev.impromptu.io.HostArray;
import dev.impromptu.proof.Draws;
import dev.impromptu.proof.ForwardProof;
import dev.impromptu.proof.Proof;
import dev.impromptu.proof.Recorded;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A layer or function of PyTorch.
 *
 * @param model makes the layer
 */
record ForwardPeer<T extends Module>(Supplier<T> model, Forward<T> forward) implements Peer {
  /** What is computed. */
  @FunctionalInterface
  interface Forward<T> {
    /** From inputs by name to outputs by name. */
    SequencedMap<String, Tensor> apply(T model, Map<String, Tensor> inputs);
  }

  /** Without parameters, with one output. */
  static ForwardPeer<Module> function(Function<Map<String, Tensor>, Tensor> function) {
    return new ForwardPeer<>(Module::new, (_, in) -> outputs("y", function.apply(in)));
  }

  static SequencedMap<String, Tensor> outputs(String name, Tensor value) {
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    outputs.put(name, value);
    return outputs;
  }

  @Override
  public Recorded run(Proof proof, ScalarType type) {
    Recorded given = proof.given();
    var constants = ((ForwardProof<?>) proof).constants();
    try (var _ = new PointerScope()) {
      T layer = model.get();
      layer.to(type, false);
      Torch.load(layer, given.parameters());
      SequencedMap<String, Tensor> inputs = new LinkedHashMap<>();
      given
          .inputs()
          .forEach(
              (name, array) -> {
                Tensor input = Torch.tensor(array, type);
                input.set_requires_grad(!constants.contains(name));
                inputs.put(name, input);
              });
      SequencedMap<String, Tensor> outputs = forward.apply(layer, inputs);
      judge(proof.name(), outputs, type).backward();

      SequencedMap<String, Tensor> parameters = Torch.parameters(layer);
      SequencedMap<String, HostArray> gradients = new LinkedHashMap<>();
      inputs.forEach((name, tensor) -> record(name, tensor, gradients));
      parameters.forEach((name, tensor) -> record(name, tensor, gradients));
      return new Recorded(
          given.inputs(), arrays(parameters, true), arrays(outputs, false), gradients);
    }
  }

  private static SequencedMap<String, HostArray> arrays(
      SequencedMap<String, Tensor> tensors, boolean rounded) {
    SequencedMap<String, HostArray> arrays = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          HostArray array = Torch.array(tensor);
          arrays.put(name, rounded ? Torch.rounded(array) : array);
        });
    return arrays;
  }

  private static void record(String name, Tensor tensor, Map<String, HostArray> gradients) {
    if (tensor.grad().defined()) {
      gradients.put(name, Torch.array(tensor.grad()));
    }
  }

  private static Tensor judge(String proof, SequencedMap<String, Tensor> outputs, ScalarType type) {
    Tensor total = null;
    for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
      Tensor y = output.getValue();
      int[] shape = new int[(int) y.dim()];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = (int) y.size(i);
      }
      HostArray weights = Draws.weights(proof, output.getKey(), shape);
      Tensor part = y.mul(Torch.tensor(weights, type)).sum();
      total = total == null ? part : total.add(part);
    }
    return total;
  }
}
