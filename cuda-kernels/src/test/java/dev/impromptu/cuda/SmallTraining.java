package dev.impromptu.cuda;

import dev.impromptu.functional.Dropout;
import dev.impromptu.functional.Mode;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/** A model of one layer with dropout that learns: every kind of call that a training step makes. */
final class SmallTraining {
  private final Linear layer;
  private final Adam adam;
  private final Tensor input;

  SmallTraining(Device device) {
    layer = new Linear(device, 3, 2, new PhiloxRandom(1));
    adam = new Adam(layer, 1e-2, 1);
    input = Tensor.parameter(device, Shape.of(2, 3), 1, -2, 3, 0.5f, 0.25f, -1);
  }

  Adam adam() {
    return adam;
  }

  /** Reads nothing back, so that it can be recorded. */
  void step() {
    try (var _ = Scope.open()) {
      Tensor dropped = Dropout.dropout(input.detach(), 0.3, Mode.training(9, adam.steps()));
      Tensor y = layer.forward(dropped);
      adam.step(y.times(y).sum().backward());
    }
  }

  float[] parameters() {
    return Module.parameters(layer).get("weight").value().toFloatArray();
  }
}
