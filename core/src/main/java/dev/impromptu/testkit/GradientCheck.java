package dev.impromptu.testkit;

import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Gradients;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares an operation's gradients with central differences, in double precision on the reference
 * device.
 */
public final class GradientCheck {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-7;

  private GradientCheck() {}

  /**
   * Checks the gradient of every element of every input.
   *
   * @throws AssertionError when one is off by more than 1e-7 of the larger of 1 and its size; the
   *     message says which and by how much
   */
  public static void check(OpCase opCase) {
    try (var _ = Scope.open()) {
      Device device = Device.reference();
      List<Tensor> inputs = opCase.inputsOn(device);
      Gradients gradients = OpCase.judge(opCase.function().apply(inputs)).backward();
      for (int i = 0; i < inputs.size(); i++) {
        if (opCase.inputs().get(i) instanceof OpCase.Values(var shape, double[] values)) {
          double[] met =
              gradients
                  .find(inputs.get(i))
                  .orElseThrow(() -> new AssertionError(opCase + ": an input has no gradient"))
                  .toDoubleArray();
          for (int element = 0; element < values.length; element++) {
            double expected = slope(opCase, i, element, values[element]);
            double error = Math.abs(met[element] - expected);
            if (!(error <= TOLERANCE * Math.max(1, Math.abs(expected)))) {
              throw new AssertionError(
                  "%s: gradient of input %d %s at element %d is %.9g, central differences say %.9g"
                      .formatted(opCase, i, shape, element, met[element], expected));
            }
          }
        }
      }
    }
  }

  private static double slope(OpCase opCase, int input, int element, double at) {
    return (valueAt(opCase, input, element, at + STEP) - valueAt(opCase, input, element, at - STEP))
        / (2 * STEP);
  }

  private static double valueAt(OpCase opCase, int input, int element, double value) {
    List<OpCase.Input> moved = new ArrayList<>(opCase.inputs());
    if (moved.get(input) instanceof OpCase.Values(var shape, double[] values)) {
      double[] changed = values.clone();
      changed[element] = value;
      moved.set(input, new OpCase.Values(shape, changed));
    }
    var movedCase = new OpCase(opCase.name(), moved, opCase.function(), opCase.terms());
    try (var _ = Scope.open()) {
      return OpCase.judge(opCase.function().apply(movedCase.inputsOn(Device.reference()))).item();
    }
  }
}
