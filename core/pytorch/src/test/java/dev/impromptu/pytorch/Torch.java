package dev.impromptu.pytorch;

import dev.impromptu.io.HostArray;
import dev.impromptu.proof.Proof;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Values to and from PyTorch. */
final class Torch {
  private Torch() {}

  /** Numbers in PyTorch's kind of element, ids in its 64-bit integers. */
  static Tensor tensor(HostArray array, ScalarType type) {
    long[] shape = array.shape().stream().mapToLong(Integer::longValue).toArray();
    if (array instanceof HostArray.Ints(var _, var ids)) {
      double[] wide = new double[ids.length];
      for (int i = 0; i < ids.length; i++) {
        wide[i] = ids[i];
      }
      return tensor(wide, shape).to(ScalarType.Long);
    }
    return tensor(Proof.doubles(array), shape).to(type);
  }

  private static Tensor tensor(double[] values, long... shape) {
    return torch
        .from_blob(new DoublePointer(values), shape, new TensorOptions(ScalarType.Double))
        .clone();
  }

  /** All digits of a tensor. */
  static HostArray array(Tensor tensor) {
    Tensor values = tensor.detach().to(ScalarType.Double).contiguous();
    long[] sizes = values.shape();
    int[] shape = new int[sizes.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = Math.toIntExact(sizes[i]);
    }
    double[] copy = new double[Math.toIntExact(values.numel())];
    values.data_ptr_double().get(copy);
    return HostArray.of(copy, shape);
  }

  /** The same numbers in 32 bits, as PyTorch saves a model. */
  static HostArray rounded(HostArray array) {
    double[] values = Proof.doubles(array);
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) values[i];
    }
    return HostArray.of(rounded, array.shape().stream().mapToInt(Integer::intValue).toArray());
  }

  /** The parameters of a module under the names that PyTorch gives them. */
  static SequencedMap<String, Tensor> parameters(Module module) {
    SequencedMap<String, Tensor> parameters = new LinkedHashMap<>();
    StringTensorDict found = module.named_parameters();
    for (long i = 0; i < found.size(); i++) {
      parameters.put(found.get(i).key().getString(), found.get(i).access());
    }
    return parameters;
  }

  /**
   * Fills a module.
   *
   * @throws AssertionError when a name or shape is not the one that PyTorch has
   */
  static void load(Module module, Map<String, HostArray> values) {
    SequencedMap<String, Tensor> parameters = parameters(module);
    if (!parameters.keySet().equals(values.keySet())) {
      throw new AssertionError(
          "PyTorch has the parameters %s, but was given %s"
              .formatted(parameters.keySet(), values.keySet()));
    }
    try (var _ = new NoGradGuard()) {
      parameters.forEach(
          (name, parameter) -> {
            HostArray value = values.get(name);
            if (!array(parameter).shape().equals(value.shape())) {
              throw new AssertionError(
                  "PyTorch has %s %s, but was given %s"
                      .formatted(name, array(parameter).shape(), value.shape()));
            }
            parameter.copy_(tensor(value, parameter.scalar_type()));
          });
    }
  }
}
