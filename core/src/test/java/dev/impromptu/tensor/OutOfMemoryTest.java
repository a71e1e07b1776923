package dev.impromptu.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.OutOfDeviceMemoryException;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.reference.ReferenceProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a user is told when a device has too little memory. */
class OutOfMemoryTest {
  private static final int MOST_ELEMENTS = 1 << 20;

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

  /** The reference, on a device that is too small for a large tensor. */
  private static Device small() {
    Backend backend = new ReferenceProvider().open(Precision.FP32);
    return Device.of(
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (_, method, arguments) -> {
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
