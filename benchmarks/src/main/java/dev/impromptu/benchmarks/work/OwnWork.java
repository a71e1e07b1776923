package dev.impromptu.benchmarks.work;

import dev.impromptu.io.HostArray;
import dev.impromptu.nn.Module;
import java.util.LinkedHashMap;
import java.util.Map;

/** A piece of work by Impromptu, on any of its devices. */
public interface OwnWork extends Work {
  /** Its weights at this moment, under their names, so that another library can start from them. */
  Map<String, HostArray> weights();

  /** Those of a model. */
  static Map<String, HostArray> weightsOf(Module model) {
    Map<String, HostArray> weights = new LinkedHashMap<>();
    Module.parameters(model)
        .forEach(
            (name, parameter) ->
                weights.put(
                    name,
                    HostArray.of(parameter.value().toFloatArray(), parameter.shape().sizes())));
    return weights;
  }
}
