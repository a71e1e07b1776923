package dev.impromptu.music.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.nn.Module;
import dev.impromptu.tensor.Tensor;

/** Two ways to one loss, on the reference device. */
final class SameLearning {
  private static final double TOLERANCE = 1e-12;

  private SameLearning() {}

  /** Both losses, and what they would teach every parameter, are the same. */
  static void require(SequenceModel model, Tensor expected, Tensor met) {
    assertEquals(expected.item(), met.item(), TOLERANCE);
    var wanted = expected.backward();
    var gradients = met.backward();
    Module.parameters(model)
        .forEach(
            (name, parameter) ->
                assertArrayEquals(
                    wanted.find(parameter.value()).orElseThrow().toDoubleArray(),
                    gradients.find(parameter.value()).orElseThrow().toDoubleArray(),
                    TOLERANCE,
                    name));
  }
}
