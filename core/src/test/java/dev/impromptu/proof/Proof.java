package dev.impromptu.proof;

import dev.impromptu.io.HostArray;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.Tolerance;
import java.util.Map;

/** Something of this library that PyTorch has too: both compute it from the same numbers. */
public sealed interface Proof permits ForwardProof, OptimizerProof {
  /** Under which PyTorch's half and the recorded values are found. */
  String name();

  /** By which its results may be rounded. */
  Tolerance.Kind kind();

  /** Length of its longest sum. */
  int terms();

  /** Sample inputs and parameters, the same at every call. */
  Recorded given();

  /** What comes out on a device, in all its digits. */
  Recorded run(Device device, Recorded given);

  /**
   * Compares a device with PyTorch.
   *
   * @param expected what PyTorch was given and computed
   * @throws AssertionError naming the worst element, when an array differs by more than {@link
   *     Tolerance} allows, or an output or gradient is missing
   */
  default void check(Device device, Recorded expected) {
    Recorded met = run(device, expected);
    double allowed = allowed(device, kind(), terms());
    compare(name() + " on " + device + ", output ", met.outputs(), expected.outputs(), allowed);
    compare(
        name() + " on " + device + ", gradient of ",
        met.gradients(),
        expected.gradients(),
        allowed);
  }

  /** What a device may be off by. */
  static double allowed(Device device, Tolerance.Kind kind, int terms) {
    return device == Device.reference()
        ? Tolerance.float64(kind, terms)
        : Tolerance.float32(kind, terms);
  }

  private static void compare(
      String what, Map<String, HostArray> met, Map<String, HostArray> expected, double allowed) {
    if (!met.keySet().equals(expected.keySet())) {
      throw new AssertionError(
          "%s: met %s, expected %s".formatted(what, met.keySet(), expected.keySet()));
    }
    expected.forEach(
        (name, array) -> {
          if (!met.get(name).shape().equals(array.shape())) {
            throw new AssertionError(
                "%s%s: shape %s, expected %s"
                    .formatted(what, name, met.get(name).shape(), array.shape()));
          }
          Tolerance.requireClose(what + name, doubles(met.get(name)), doubles(array), allowed);
        });
  }

  /** The values of an array of numbers. */
  static double[] doubles(HostArray array) {
    return switch (array) {
      case HostArray.Doubles(var _, var values) -> values;
      case HostArray.Floats(var _, var values) -> {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
          wide[i] = values[i];
        }
        yield wide;
      }
      case HostArray.Ints _, HostArray.Longs _ ->
          throw new IllegalArgumentException("expected numbers, met " + array);
    };
  }

  /** All digits of a tensor. */
  static HostArray exact(Tensor tensor) {
    return HostArray.of(tensor.toDoubleArray(), tensor.shape().sizes());
  }
}
