package dev.impromptu.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.Storage;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private final Device device = Device.reference();

  @Test
  void aTensorIsClosedWithItsScopeAndSaysSo() {
    Tensor escaped;
    try (var _ = Scope.open()) {
      escaped = Tensor.zeros(device, Shape.of(2, 3)).plus(1);
    }
    var error = assertThrows(IllegalStateException.class, escaped::toFloatArray);
    assertEquals(
        "Tensor: [2, 3] made by 'affine' was closed by its scope; hand it to the scope around with"
            + " keep()",
        error.getMessage());
  }

  @Test
  void keepHandsAResultToTheScopeAround() {
    try (var _ = Scope.open()) {
      Tensor kept;
      try (var inner = Scope.open()) {
        kept = inner.keep(Tensor.of(device, Shape.of(2), 1f, 2f).times(3));
      }
      assertArrayEquals(new float[] {3, 6}, kept.toFloatArray());
    }
  }

  @Test
  void keepNeedsAScopeAround() {
    try (var only = Scope.open()) {
      Tensor tensor = Tensor.zeros(device, Shape.of(1));
      assertThrows(IllegalStateException.class, () -> only.keep(tensor));
    }
  }

  @Test
  void aTensorNeedsAScope() {
    var error = assertThrows(IllegalStateException.class, () -> Tensor.zeros(device, Shape.of(1)));
    assertTrue(error.getMessage().contains("try (var scope = Scope.open())"), error.getMessage());
  }

  @Test
  void scopesCloseInReverseOrderOnly() {
    var outer = Scope.open();
    try (var _ = Scope.open()) {
      assertThrows(IllegalStateException.class, outer::close);
    }
    outer.close();
  }

  @Test
  void anInferenceScopeRecordsNothingNorDoScopesInsideIt() {
    try (var _ = Scope.open()) {
      Tensor x = Tensor.of(device, Shape.of(1), 2f).tracked();
      assertTrue(x.times(2).isTracked());
      try (var _ = Scope.inference()) {
        assertFalse(x.times(2).isTracked());
        try (var _ = Scope.open()) {
          assertFalse(x.times(2).isTracked());
        }
      }
    }
  }

  @Test
  void aViewKeepsSharedMemoryAlive() {
    try (var _ = Scope.open()) {
      Tensor x = Tensor.of(device, Shape.of(4), 1f, 2f, 3f, 4f);
      Tensor view = x.reshape(Shape.of(2, 2));
      x.close();
      assertArrayEquals(new float[] {1, 2, 3, 4}, view.toFloatArray());
    }
  }

  /** A loop that closes what it made may run for ever inside one scope. */
  @Test
  void aScopeForgetsWhatWasClosed() throws InterruptedException {
    try (var _ = Scope.open()) {
      Tensor first = Tensor.zeros(device, Shape.of(1));
      var forgotten = new WeakReference<>(first);
      first.close();
      first = Tensor.zeros(device, Shape.of(1));
      for (int i = 0; i < 2000; i++) {
        Tensor.zeros(device, Shape.of(1)).close();
      }
      for (int i = 0; i < 100 && forgotten.get() != null; i++) {
        System.gc();
        Thread.sleep(10);
      }
      assertNull(forgotten.get());
      assertEquals(0, first.item());
    }
  }

  @Test
  void memoryThatWasGivenBackIsPoisoned() {
    assertTrue(Boolean.getBoolean("impromptu.poison"), "the build sets -Dimpromptu.poison=true");
    Storage storage;
    try (var _ = Scope.open()) {
      storage = Tensor.full(device, Shape.of(3), 7).storage();
    }
    double[] left = new double[3];
    device.backend().read(storage, left);
    assertArrayEquals(new double[] {Double.NaN, Double.NaN, Double.NaN}, left);
  }
}
