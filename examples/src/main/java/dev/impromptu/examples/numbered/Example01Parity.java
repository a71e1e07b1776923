package dev.impromptu.examples.numbered;

import static dev.impromptu.functional.CrossEntropy.crossEntropy;

import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.Linear;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/**
 * An LSTM learns whether three bits hold an odd number of ones.
 *
 * <p>Run it: {@code java -cp "examples/target/impromptu/lib/*:examples/target/impromptu/*"
 * dev.impromptu.examples.numbered.Example01Parity}
 */
public final class Example01Parity {
  private Example01Parity() {}

  /** Prints the loss as it falls. */
  public static void main(String[] args) {
    System.out.printf("loss after 200 steps: %.4f%n", train());
  }

  static double train() {
    double last = Double.NaN;
    // README begins
    Device device = Device.best();
    var lstm = new LSTM(device, 1, 16, 1, new PhiloxRandom(1));
    var head = new Linear(device, 16, 2, new PhiloxRandom(2));
    var adam =
        new Adam(
            v -> {
              v.child("lstm", lstm);
              v.child("head", head);
            },
            0.02);
    float[] bits = {0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1};
    for (int step = 0; step < 200; step++) {
      try (var _ = Scope.open()) {
        Tensor x = Tensor.of(device, Shape.of(8, 3, 1), bits);
        Tensor odd = Tensor.ofInts(device, Shape.of(8), 0, 1, 1, 0, 1, 0, 0, 1);
        Tensor loss = crossEntropy(head.forward(lstm.forward(x).y().select(1, -1)), odd);
        adam.step(loss.backward());
        last = loss.item();
      }
    }
    // README ends
    return last;
  }
}
