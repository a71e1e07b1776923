package dev.impromptu.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OpCasesTest {
  static List<OpCase> differentiable() {
    return OpCases.differentiable();
  }

  static Stream<OpCase> all() {
    return Stream.concat(OpCases.differentiable().stream(), OpCases.withoutGradient().stream());
  }

  @ParameterizedTest
  @MethodSource("differentiable")
  void gradientsAgreeWithCentralDifferences(OpCase opCase) {
    GradientCheck.check(opCase);
  }

  @ParameterizedTest
  @MethodSource("all")
  void theCpuAgreesWithTheReference(OpCase opCase) {
    ParityCheck.check(opCase, Device.cpu());
  }

  @Test
  void aWrongGradientIsFound() {
    var wrong =
        new OpCase(
            "half a gradient",
            List.of(OpCase.uniform(-1, 1, 4)),
            in -> List.of(in.getFirst().times(0.5).plus(in.getFirst().detach().times(0.5))),
            1);
    AssertionError error = assertThrows(AssertionError.class, () -> GradientCheck.check(wrong));
    assertTrue(
        error.getMessage().startsWith("half a gradient: gradient of input 0 [4] at element"));
  }

  @Test
  void aWrongValueIsFound() {
    var wrong =
        new OpCase(
            "differs by device",
            List.of(OpCase.uniform(-1, 1, 4)),
            in -> {
              Tensor x = in.getFirst();
              return List.of(x.device() == Device.cpu() ? x.plus(1e-3) : x);
            },
            1);
    assertThrows(AssertionError.class, () -> ParityCheck.check(wrong, Device.cpu()));
  }
}
