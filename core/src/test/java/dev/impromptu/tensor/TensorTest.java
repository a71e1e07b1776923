package dev.impromptu.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Embedding;
import dev.impromptu.functional.Linear;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TensorTest {
  private final Device device = Device.reference();
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private Tensor tensor(int... sizes) {
    return Tensor.full(device, Shape.of(sizes), 0.5);
  }

  private static void fails(String message, Executable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
  }

  @Test
  void errorsNameTheOperationTheShapesAndTheMend() {
    fails(
        "add: shapes [2, 3] and [4] do not fit: counted from the end, axis 1 is 3 and 4; they must"
            + " be equal or 1",
        () -> tensor(2, 3).plus(tensor(4)));
    fails(
        "matmul: [2, 3] x [2, 3] do not fit; expected [m, k] x [k, n], or the same with equal"
            + " axes in front of both",
        () -> tensor(2, 3).matmul(tensor(2, 3)));
    fails("reshape: [2, 3] has 6 elements, but [4] has 4", () -> tensor(2, 3).reshape(Shape.of(4)));
    fails("slice: 1 to 4 is no run of axis 1 of [2, 3]", () -> tensor(2, 3).slice(1, 1, 4));
    fails(
        "linear: weight [5, 4] expects an input [..., 4], but input is [2, 3]",
        () -> Linear.linear(tensor(2, 3), tensor(5, 4), tensor(5)));
    fails(
        "backward: the loss must be a single number, but it is [2]; reduce it with sum() or mean()",
        () -> tensor(2).tracked().times(2).backward());
    fails(
        "Tensor: shape [2] holds 2 elements, but 3 values were given",
        () -> Tensor.of(device, Shape.of(2), 1f, 2f, 3f));
  }

  @Test
  void tensorsOfTwoDevicesDoNotMix() {
    Tensor there = Tensor.zeros(Device.of(device.backend()), Shape.of(2));
    fails(
        "add: input [2] is on reference, but [2] is on reference; move one with to(device)",
        () -> tensor(2).plus(there));
  }

  @Test
  void aTrackedInputOfAnOperationWithoutGradientIsAnError() {
    Tensor tracked = tensor(2, 3).tracked();
    var error = assertThrows(IllegalStateException.class, tracked::argMax);
    assertEquals(
        "argMax has no gradient, but is recorded, since parameters or what was computed from them"
            + " are inputs, of shape [2, 3]; run it in Scope.inference(), or call detach() on these"
            + " inputs first",
        error.getMessage());
    assertEquals(Shape.of(2), tracked.detach().argMax().shape());
  }

  @Test
  void aLossThatDependsOnNothingHasNoBackward() {
    assertThrows(IllegalStateException.class, () -> tensor().backward());
  }

  @Test
  void anIdWithoutARowIsNamed() {
    Tensor ids = Tensor.ofInts(device, Shape.of(2), 0, 7);
    var error =
        assertThrows(IndexOutOfBoundsException.class, () -> Embedding.embedding(ids, tensor(7, 2)));
    assertEquals(
        "gatherRows: id 7 at position 1 has no row in a table of 7 rows", error.getMessage());
  }

  @Test
  void gradientsAddUpOverEveryUse() {
    Tensor x = Tensor.of(device, Shape.of(2), 3f, -1f).tracked();
    Tensor y = x.times(x).plus(x.times(4)).sum();
    assertArrayEquals(new float[] {10, 2}, y.backward().of(x).toFloatArray());
  }

  @Test
  void numbersMayStandOnTheRight() {
    Tensor x = Tensor.of(device, Shape.of(2), 3f, -1f);
    assertArrayEquals(new float[] {1, -3}, x.minus(2).toFloatArray());
    assertArrayEquals(new float[] {0.75f, -0.25f}, x.dividedBy(4).toFloatArray());
  }

  @Test
  void aGradientThatIsNotThereIsNamedAsSuch() {
    Tensor used = tensor(1).tracked();
    Tensor unused = tensor(3).tracked();
    Gradients gradients = used.sum().backward();
    assertEquals(1, gradients.size());
    assertTrue(gradients.find(unused).isEmpty());
    assertThrows(IllegalArgumentException.class, () -> gradients.of(unused));
  }

  @Test
  void crossEntropyOfEvenLogitsIsTheLogarithmOfTheClasses() {
    Tensor loss =
        CrossEntropy.crossEntropy(tensor(3, 7), Tensor.ofInts(device, Shape.of(3), 0, 3, 6));
    assertEquals(Math.log(7), loss.item(), 1e-12);
  }

  @Test
  void valuesPrintUpToEightAndASummaryOfMore() {
    assertEquals("Tensor[2] on reference by full [0.5, 0.5]", tensor(2).toString());
    assertEquals(
        "Tensor[3, 3] on reference by of min -2.000, mean 2.000, max 6.000:"
            + " [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, …]",
        Tensor.of(device, Shape.of(3, 3), -2f, -1, 0, 1, 2, 3, 4, 5, 6).toString());
    assertEquals(
        "Tensor[9] on reference by of min 1, max 9: [9, 8, 7, 6, 5, 4, 3, 2, …]",
        Tensor.ofInts(device, Shape.of(9), 9, 8, 7, 6, 5, 4, 3, 2, 1).toString());
  }

  @Test
  void anIntermediateThatWasClosedIsAnErrorAndNoLostGradient() {
    Tensor x = tensor(2).tracked();
    Tensor doubled = x.times(2);
    Tensor loss = doubled.sum();
    doubled.close();
    var error = assertThrows(IllegalStateException.class, loss::backward);
    assertTrue(error.getMessage().contains("made by 'affine' was closed"), error.getMessage());
  }

  @Test
  void aCopyToAnotherDeviceLosesNoGradientInSilence() {
    Tensor tracked = tensor(2).tracked();
    var error = assertThrows(IllegalStateException.class, () -> tracked.to(Device.cpu()));
    assertTrue(error.getMessage().contains("call detach()"), error.getMessage());
    assertArrayEquals(new float[] {0.5f, 0.5f}, tracked.detach().to(Device.cpu()).toFloatArray());
  }

  @Test
  void axesMayBeCountedFromTheEnd() {
    assertEquals(Shape.of(4, 3, 2), tensor(2, 3, 4).permute(-1, 1, 0).shape());
    assertEquals(Shape.of(2, 4), tensor(2, 3, 4).sum(-2).shape());
  }

  @Test
  void anOperationWhoseSizesOverflowSaysWhatItWasGiven() {
    record Squared(int side) implements Op {
      @Override
      public String name() {
        return "squared";
      }

      @Override
      public Forward forward(List<Tensor> inputs) {
        return Forward.of(
            Tensor.empty(inputs.getFirst().device(), Shape.of(Math.multiplyExact(side, side))));
      }
    }
    try (var _ = Scope.open()) {
      var x = Tensor.zeros(Device.reference(), Shape.of(2, 3));
      var e = assertThrows(IllegalArgumentException.class, () -> Tape.run(new Squared(1 << 20), x));
      assertTrue(e.getMessage().contains("squared"), e.getMessage());
      assertTrue(e.getMessage().contains("[2, 3]"), e.getMessage());
      assertTrue(e.getMessage().contains("fewer"), e.getMessage());
    }
  }
}
