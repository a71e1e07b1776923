package dev.impromptu.testkit;

import dev.impromptu.backend.DType;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Gradients;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compares a device with the reference, values and gradients. */
public final class ParityCheck {
  private ParityCheck() {}

  /**
   * Runs the case on both devices.
   *
   * @throws AssertionError when they differ by more than {@link Tolerance#float32} allows
   */
  public static void check(OpCase opCase, Device device) {
    List<double[]> expected = run(opCase, Device.reference());
    List<double[]> met = run(opCase, device);
    for (int i = 0; i < expected.size(); i++) {
      Tolerance.requireClose(
          "%s on %s, array %d".formatted(opCase, device, i),
          met.get(i),
          expected.get(i),
          Tolerance.float32(opCase.terms()));
    }
  }

  /** All outputs, then the gradients of all values where an output is tracked. */
  private static List<double[]> run(OpCase opCase, Device device) {
    try (var _ = Scope.open()) {
      List<double[]> arrays = new ArrayList<>();
      List<Tensor> inputs = opCase.inputsOn(device);
      List<Tensor> outputs = opCase.function().apply(inputs);
      for (Tensor output : outputs) {
        arrays.add(
            output.dtype() == DType.INT32
                ? Arrays.stream(output.toIntArray()).asDoubleStream().toArray()
                : output.toDoubleArray());
      }
      if (outputs.stream().anyMatch(Tensor::isTracked)) {
        Gradients gradients = OpCase.judge(outputs).backward();
        for (Tensor input : inputs) {
          gradients.find(input).ifPresent(gradient -> arrays.add(gradient.toDoubleArray()));
        }
      }
      return arrays;
    }
  }
}
