package dev.impromptu.benchmarks.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.impromptu.io.HostArray;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** The weights of a model, under Impromptu's names. */
final class Weights {
  private final Map<String, NDArray> arrays = new LinkedHashMap<>();

  Weights(NDManager manager, Map<String, HostArray> values, boolean learning) {
    values.forEach(
        (name, value) -> {
          long[] shape = value.shape().stream().mapToLong(Integer::longValue).toArray();
          NDArray array = manager.create(((HostArray.Floats) value).values(), new Shape(shape));
          array.setRequiresGradient(learning);
          arrays.put(name, array);
        });
  }

  Collection<NDArray> all() {
    return arrays.values();
  }

  NDArray of(String name) {
    NDArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException(
          "the model has no '%s'; it has %s".formatted(name, arrays.keySet()));
    }
    return array;
  }

  /** Those of an LSTM stack, in the order that PyTorch's {@code lstm} takes them. */
  NDList lstm(int layers) {
    var list = new NDList();
    for (int layer = 0; layer < layers; layer++) {
      for (String name : new String[] {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}) {
        list.add(of("lstm.%s_l%d".formatted(name, layer)));
      }
    }
    return list;
  }

  void clearGradients() {
    arrays.values().forEach(array -> JniUtils.zeroGrad((PtNDArray) array));
  }

  static double[] doubles(NDArray array) {
    return array.toType(DataType.FLOAT64, true).toDoubleArray();
  }

  NDArray linear(String layer, NDArray x) {
    return x.getNDArrayInternal()
        .linear(x, of(layer + ".weight"), of(layer + ".bias"))
        .singletonOrThrow();
  }
}
