package consumer;

import dev.impromptu.functional.Losses;
import dev.impromptu.nn.Linear;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.OpCases;
import dev.impromptu.testkit.ParityCheck;

/** Fits a line and tries a few operations. */
final class Main {
  private Main() {}

  public static void main(String[] args) {
    Device device = Device.best();
    var line = new Linear(device, 1, 1, new PhiloxRandom(1));
    var adam = new Adam(line, 0.05);
    double loss = 1;
    for (int step = 0; step < 400; step++) {
      try (var _ = Scope.open()) {
        Tensor x = Tensor.of(device, Shape.of(4, 1), 0f, 1f, 2f, 3f);
        Tensor y = Tensor.of(device, Shape.of(4, 1), 1f, 3f, 5f, 7f);
        Tensor off = Losses.meanSquaredError(line.forward(x), y);
        adam.step(off.backward());
        loss = off.item();
      }
    }
    OpCases.differentiable().stream().limit(20).forEach(each -> ParityCheck.check(each, device));
    System.out.printf(
        "%s, %s, %s%n",
        Main.class.getModule(), Tensor.class.getModule(), loss < 1e-3 ? "learned" : "loss " + loss);
  }
}
