package dev.impromptu.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ObserversTest {
  private static final Device DEVICE = Device.cpu();

  private static Tensor tensor(float... values) {
    return Tensor.of(DEVICE, Shape.of(values.length), values);
  }

  @Test
  void theFirstOperationThatMakesAnAnomalyIsNamed() {
    try (var _ = Scope.observed(new AnomalyDetection())) {
      Tensor x = tensor(4, 1, -1);
      Tensor shifted = x.plus(1);
      var e = assertThrows(ArithmeticException.class, () -> shifted.minus(x.plus(1)).log().exp());
      assertEquals(
          "log made -Infinity at element 0 of its output [3], from finite inputs [Tensor[3] on cpu"
              + " by subtract [0.0, 0.0, 0.0]]",
          e.getMessage());
    }
  }

  @Test
  void anAnomalyThatCameFromOutsideIsNotLaidToTheOperation() {
    try (var _ = Scope.observed(new AnomalyDetection())) {
      Tensor x = tensor(1, Float.NaN);
      var e = assertThrows(ArithmeticException.class, () -> tensor(1, 2).times(x));
      assertTrue(
          e.getMessage().contains("but it was given one at element 1 of input 1"), e.getMessage());
    }
  }

  @Test
  void aBackwardThatMakesAnAnomalyIsNamed() {
    try (var _ = Scope.observed(new AnomalyDetection())) {
      Tensor root = tensor(1, 0).tracked().sqrt();
      Tensor loss = root.sum();
      var e = assertThrows(ArithmeticException.class, loss::backward);
      assertEquals(
          "the backward of sqrt made Infinity at element 1 of the gradient [2] of its input 0",
          e.getMessage());
    }
  }

  /** Its gradients are not finite, neither the wanted one nor the other. */
  private record Spoilt() implements DifferentiableOp {
    @Override
    public String name() {
      return "spoilt";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      return Forward.of(Tensor.of(DEVICE, Shape.of(1), 1f));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      return List.of(tensor(2), tensor(Float.NaN));
    }
  }

  @Test
  void gradientsThatNobodyWantsAreNotLookedAt() {
    var profiler = new Profiler();
    try (var _ = Scope.observed(new AnomalyDetection());
        var _ = Scope.observed(profiler)) {
      Tensor x = tensor(3).tracked();
      assertEquals(2, Tape.run(new Spoilt(), x, tensor(4)).sum().backward().of(x).item());
      Tensor loss = Tape.run(new Spoilt(), tensor(4), x).sum();
      assertThrows(ArithmeticException.class, loss::backward);
    }
    var spoilt =
        profiler.lines().stream().filter(l -> l.name().equals("backward of spoilt")).toList();
    assertEquals(4, spoilt.getFirst().bytes());
  }

  @Test
  void scopesInsideAreObservedAndScopesAroundAreNot() {
    try (var _ = Scope.open()) {
      try (var _ = Scope.observed(new AnomalyDetection())) {
        assertTrue(Scope.isObserved());
        try (var _ = Scope.inference()) {
          assertThrows(ArithmeticException.class, () -> tensor(0).log());
        }
      }
      assertFalse(Scope.isObserved());
      assertEquals(Float.NEGATIVE_INFINITY, tensor(0).log().toFloatArray()[0]);
    }
  }

  @Test
  void anObservedScopeRecordsAsTheScopeAroundItDoes() {
    try (var _ = Scope.observed(new Profiler())) {
      assertTrue(tensor(1).tracked().times(2).isTracked());
    }
    try (var _ = Scope.inference();
        var _ = Scope.observed(new Profiler())) {
      assertFalse(tensor(1).tracked().times(2).isTracked());
    }
  }

  @Test
  void aProfilerAddsUpCallsTimeAndBytesByOperation() {
    var profiler = new Profiler();
    try (var _ = Scope.observed(profiler)) {
      Tensor x = tensor(1, 2, 3).tracked();
      x.exp().plus(x.exp()).sum().backward();
    }
    assertEquals(
        List.of("add", "backward of add", "backward of exp", "backward of reshape", "exp"),
        profiler.lines().stream()
            .map(Profiler.Line::name)
            .filter(name -> name.matches(".*(add|exp|reshape)"))
            .filter(name -> !name.equals("reshape"))
            .sorted()
            .toList());
    var byName = profiler.lines().stream().collect(Collectors.toMap(Profiler.Line::name, l -> l));
    assertEquals(2, byName.get("exp").calls());
    assertEquals(2 * 3 * 4, byName.get("exp").bytes());
    assertEquals(2, byName.get("backward of exp").calls());
    assertTrue(byName.values().stream().allMatch(line -> line.nanoseconds() > 0));
    assertEquals(profiler.lines().size() + 1, profiler.toString().lines().count());
    assertFalse(profiler.toString().contains("\r"), "the same table on every system");
  }

  @Test
  void severalObserversSeeTheSameOperations() {
    var outer = new Profiler();
    var inner = new Profiler();
    try (var _ = Scope.observed(outer)) {
      tensor(1).exp();
      try (var _ = Scope.observed(inner)) {
        tensor(1).exp();
      }
    }
    assertEquals(2, outer.lines().getFirst().calls());
    assertEquals(1, inner.lines().getFirst().calls());
  }
}
