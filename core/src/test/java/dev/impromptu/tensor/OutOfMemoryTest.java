package dev.impromptu.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.OutOfDeviceMemoryException;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.reference.ReferenceProvider;
import dev.impromptu.nn.Parameter;
import dev.impromptu.optim.Adam;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a user is told when a device has too little memory. */
class OutOfMemoryTest {
  private static final int MOST_ELEMENTS = 1 << 20;

  /** The backend's method that has too little memory. */
  private String scarce = "";

  @Test
  void theErrorSaysWhatEachOpenScopeHoldsAndWhatToTry() {
    try (Device device = small();
        var _ = Scope.open()) {
      Tensor.parameter(device, Shape.of(2), 1, 2);
      Tensor half = Tensor.zeros(device, Shape.of(1 << 19));
      half.detach();
      try (var _ = Scope.inference()) {
        Tensor.zeros(device, Shape.of(1 << 18)).close();
        Tensor.zeros(Device.reference(), Shape.of(7));

        var e =
            assertThrows(
                OutOfDeviceMemoryException.class,
                () -> Tensor.zeros(device, Shape.of(MOST_ELEMENTS + 1)));

        assertEquals(
            List.of(
                "1048577 elements were asked for.",
                "inference scope: 0 tensors, 0.0 MiB",
                "scope: 2 tensors, 2.0 MiB",
                "device reference: 1 tensors, 0.0 MiB",
                "Try a smaller batch (--batch), shorter sequences, or close scopes sooner."),
            e.getMessage().lines().toList());
      }
    }
  }

  /** Of an operation, of its backward, and of an optimizer's step. */
  @Test
  void whatAnOperationNeedsForItselfIsToldTheSameWay() {
    try (Device device = small();
        var _ = Scope.open()) {
      Tensor weight = Tensor.parameter(device, Shape.of(2, 2), 1, 2, 3, 4);
      var adam = new Adam(v -> v.parameter("weight", new Parameter(weight)), 1e-3, 1);
      Tensor loss = weight.matmul(weight).sum();
      Gradients gradients = loss.backward();
      scarce = "matmul";
      requireExplained(() -> weight.matmul(weight));
      requireExplained(loss::backward);
      scarce = "norm";
      requireExplained(() -> adam.step(gradients));

      assertEquals(0, adam.steps());
    }
  }

  private void requireExplained(Executable work) {
    var e = assertThrows(OutOfDeviceMemoryException.class, work);
    List<String> lines = String.valueOf(e.getMessage()).lines().toList();
    assertEquals(scarce + " needs more.", lines.getFirst());
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("scope: ")), e.getMessage());
    assertEquals(
        1, lines.stream().filter(line -> line.startsWith("Try a smaller batch")).count(), scarce);
  }

  /** The reference, on a device that is too small for a large tensor, and for what is scarce. */
  private Device small() {
    Backend backend = new ReferenceProvider().open(Precision.FP32);
    return Device.of(
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (_, method, arguments) -> {
                  if (method.getName().equals(scarce)) {
                    throw new OutOfDeviceMemoryException(
                        scarce + " needs more", new IllegalStateException("by the test"));
                  }
                  if (method.getName().equals("allocate")
                      && arguments[0] == DType.FLOAT32
                      && (int) arguments[1] > MOST_ELEMENTS) {
                    throw new OutOfDeviceMemoryException(
                        arguments[1] + " elements were asked for",
                        new IllegalStateException("by the test"));
                  }
                  try {
                    return method.invoke(backend, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                }));
  }
}
