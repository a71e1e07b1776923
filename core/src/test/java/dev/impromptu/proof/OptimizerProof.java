package dev.impromptu.proof;

import static dev.impromptu.functional.Losses.meanSquaredError;

import dev.impromptu.io.HostArray;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Optimizer;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.Tolerance;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * Ten steps of an optimizer: a linear layer learns ten batches by their squared errors, and its
 * weight and bias after each step are what comes out.
 *
 * @param optimizer makes it for the layer
 */
public record OptimizerProof(String name, Function<Module, Optimizer> optimizer) implements Proof {
  /** The number of steps. */
  public static final int STEPS = 10;

  private static final int BATCH = 4;

  /** Features that go into the layer. */
  public static final int IN = 3;

  /** Features that come out. */
  public static final int OUT = 5;

  @Override
  public Tolerance.Kind kind() {
    return Tolerance.Kind.UPDATES;
  }

  @Override
  public int terms() {
    return STEPS;
  }

  @Override
  public Recorded given() {
    SequencedMap<String, HostArray> inputs = new LinkedHashMap<>();
    inputs.put("x", Draws.uniform("optimizer, x", -1, 1, STEPS, BATCH, IN));
    inputs.put("target", Draws.uniform("optimizer, target", -1, 1, STEPS, BATCH, OUT));
    SequencedMap<String, HostArray> parameters = new LinkedHashMap<>();
    parameters.put("weight", Draws.uniform("optimizer, weight", -0.8, 0.9, OUT, IN));
    parameters.put("bias", Draws.uniform("optimizer, bias", -0.8, 0.9, OUT));
    return Recorded.given(inputs, parameters);
  }

  @Override
  public Recorded run(Device device, Recorded given) {
    var layer = new Linear(device, IN, OUT, new PhiloxRandom(1));
    ForwardProof.load(given.parameters(), layer);
    Optimizer learning = optimizer.apply(layer);
    SequencedMap<String, double[]> course = new LinkedHashMap<>();
    Module.parameters(layer)
        .forEach((n, p) -> course.put(n, new double[STEPS * p.shape().elements()]));
    for (int step = 0; step < STEPS; step++) {
      try (var _ = Scope.open()) {
        Tensor x = given.inputs().get("x").on(device).select(0, step);
        Tensor target = given.inputs().get("target").on(device).select(0, step);
        learning.step(meanSquaredError(layer.forward(x), target).backward());
      }
      int at = step;
      Module.parameters(layer)
          .forEach(
              (n, p) -> {
                double[] values = p.value().toDoubleArray();
                System.arraycopy(values, 0, course.get(n), at * values.length, values.length);
              });
    }
    SequencedMap<String, HostArray> outputs = new LinkedHashMap<>();
    Module.parameters(layer)
        .forEach(
            (n, p) ->
                outputs.put(n, HostArray.of(course.get(n), p.shape().inserting(0, STEPS).sizes())));
    return new Recorded(given.inputs(), given.parameters(), outputs, new LinkedHashMap<>());
  }

  @Override
  public String toString() {
    return name;
  }
}
