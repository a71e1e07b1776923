package dev.impromptu.cuda;

import dev.impromptu.functional.Dropout;
import dev.impromptu.functional.Mode;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.optim.Optimizer;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/** A model of one layer with dropout that learns: every kind of call that a training step makes. */
final class SmallTraining {
  /** Elements of the weight, which are the first of {@link #parameters}. */
  static final int WEIGHTS = 6;

  private final Linear layer;
  private final Optimizer optimizer;
  private final Tensor input;

  SmallTraining(Device device) {
    this(device, layer -> new Adam(layer, 1e-2, 1));
  }

  SmallTraining(Device device, Function<Module, Optimizer> making) {
    layer = new Linear(device, 3, 2, new PhiloxRandom(1));
    optimizer = making.apply(layer);
    input = Tensor.parameter(device, Shape.of(2, 3), 1, -2, 3, 0.5f, 0.25f, -1);
  }

  Optimizer optimizer() {
    return optimizer;
  }

  /** Reads nothing back, so that it can be recorded. */
  void step() {
    try (var _ = Scope.open()) {
      Tensor dropped = Dropout.dropout(input.detach(), 0.3, Mode.training(9, optimizer.steps()));
      Tensor y = layer.forward(dropped);
      optimizer.step(y.times(y).sum().backward());
    }
  }

  /** All of them, one behind the other. */
  float[] parameters() {
    List<float[]> values =
        Module.parameters(layer).values().stream()
            .map(parameter -> parameter.value().toFloatArray())
            .toList();
    float[] all = new float[values.stream().mapToInt(each -> each.length).sum()];
    int at = 0;
    for (float[] each : values) {
      System.arraycopy(each, 0, all, at, each.length);
      at += each.length;
    }
    return all;
  }
}
