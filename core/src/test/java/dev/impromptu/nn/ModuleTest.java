package dev.impromptu.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.functional.Lstm;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModuleTest {
  private static final Device DEVICE = Device.reference();
  private static final PhiloxRandom RANDOM = new PhiloxRandom(5);
  private static final WaveNet.Sizes WAVENET = new WaveNet.Sizes(4, 5, 4, 6, 2, 2, 2);

  static Stream<Module> layers() {
    return Stream.of(
        new Linear(DEVICE, 3, 4, RANDOM),
        new Embedding(DEVICE, 3, 4, RANDOM),
        new LSTM(DEVICE, 3, 4, 2, RANDOM),
        new LSTMCell(DEVICE, 3, 4, RANDOM),
        new CausalConv1d(DEVICE, 3, 4, 2, 4, RANDOM),
        new Linear(DEVICE, 3, 4, false, RANDOM),
        new Conv1d(DEVICE, 3, 4, 2, 1, 0, 1, false, RANDOM),
        new CausalConv1d(DEVICE, 3, 4, 2, 4, false, RANDOM),
        new WaveNetLayer(DEVICE, WAVENET, 2, false, RANDOM),
        new WaveNetLayer(DEVICE, WAVENET, 2, true, RANDOM),
        new WaveNet(DEVICE, WAVENET, RANDOM));
  }

  @Test
  void namesAreThoseOfPyTorch() {
    assertEquals(
        List.of(
            "weight_ih_l0",
            "weight_hh_l0",
            "bias_ih_l0",
            "bias_hh_l0",
            "weight_ih_l1",
            "weight_hh_l1",
            "bias_ih_l1",
            "bias_hh_l1"),
        List.copyOf(Module.parameters(new LSTM(DEVICE, 3, 4, 2, RANDOM)).keySet()));
    assertEquals(
        List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh"),
        List.copyOf(Module.parameters(new LSTMCell(DEVICE, 3, 4, RANDOM)).keySet()));
    var linear = Module.parameters(new Linear(DEVICE, 3, 4, RANDOM));
    assertEquals(List.of("weight", "bias"), List.copyOf(linear.keySet()));
    assertEquals(Shape.of(4, 3), linear.get("weight").shape());
    var conv = Module.parameters(new CausalConv1d(DEVICE, 3, 4, 2, 1, RANDOM));
    assertEquals(List.of("weight", "bias"), List.copyOf(conv.keySet()));
    assertEquals(Shape.of(4, 3, 2), conv.get("weight").shape());
    assertEquals(
        Shape.of(3, 4),
        Module.parameters(new Embedding(DEVICE, 3, 4, RANDOM)).get("weight").shape());
  }

  @ParameterizedTest
  @MethodSource("layers")
  void everyFieldThatHoldsParametersIsVisited(Module module) throws Exception {
    List<Parameter> held = new ArrayList<>();
    gather(module, held);
    assertFalse(held.isEmpty());
    assertEquals(Set.copyOf(held), Set.copyOf(Module.parameters(module).values()));
    assertEquals(held.size(), Module.parameters(module).size());
  }

  /** Every parameter that a module's fields lead to. */
  private static void gather(@Nullable Object holder, List<Parameter> found) throws Exception {
    switch (holder) {
      case null -> {}
      case Parameter parameter -> found.add(parameter);
      case List<?> list -> {
        for (Object element : list) {
          gather(element, found);
        }
      }
      case Module module -> gatherFields(module, found);
      case Record record -> gatherFields(record, found);
      default -> {}
    }
  }

  private static void gatherFields(Object holder, List<Parameter> found) throws Exception {
    for (var field : holder.getClass().getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers())) {
        field.setAccessible(true);
        gather(field.get(holder), found);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("layers")
  void everyParameterIsDrawnFromPyTorchsRange(Module module) {
    if (module instanceof Embedding) {
      return;
    }
    double bound =
        switch (module) {
          case Linear _ -> 1 / Math.sqrt(3);
          case Conv1d _, CausalConv1d _ -> 1 / Math.sqrt(3 * 2);
          default -> 0.5;
        };
    for (Parameter parameter : Module.parameters(module).values()) {
      for (float value : parameter.value().toFloatArray()) {
        assertEquals(0, value, bound);
      }
    }
  }

  @Test
  void oneSeedGivesTheSameModelOnEveryDevice() {
    float[][] values = new float[2][];
    Device[] devices = {Device.reference(), Device.cpu()};
    for (int i = 0; i < 2; i++) {
      var lstm = new LSTM(devices[i], 3, 4, 1, new PhiloxRandom(9));
      values[i] = Module.parameters(lstm).get("weight_hh_l0").value().toFloatArray();
    }
    assertArrayEquals(values[0], values[1]);
  }

  @Test
  void aClosedModelHasGivenBackItsMemory() {
    Device cpu = Device.cpu();
    String before = Scope.describeOpen(cpu);
    var linear = new Linear(cpu, 2, 3, new PhiloxRandom(1));
    // A parameter under two names.
    Module model =
        visitor -> {
          visitor.child("a", linear);
          visitor.child("b", linear);
        };
    assertNotEquals(before, Scope.describeOpen(cpu));
    Module.close(model);
    Module.close(model);
    assertEquals(before, Scope.describeOpen(cpu));
    try (var _ = Scope.inference()) {
      Tensor x = Tensor.zeros(cpu, Shape.of(1, 2));
      var e = assertThrows(IllegalStateException.class, () -> linear.forward(x));
      assertEquals(
          "Tensor: [3, 2] made by 'parameter' was closed by its own close(); close it later",
          e.getMessage());
    }
  }

  @Test
  void twoParametersOfOneNameAreAnError() {
    var linear = new Linear(DEVICE, 1, 1, RANDOM);
    Module twice =
        visitor -> {
          visitor.child("a", linear);
          visitor.child("a", linear);
        };
    var error = assertThrows(IllegalStateException.class, () -> Module.parameters(twice));
    assertEquals("Module: two parameters are named a.weight", error.getMessage());
  }

  @Test
  void aCellAppliedStepByStepIsALayer() {
    try (var _ = Scope.open()) {
      var layer = new LSTM(DEVICE, 3, 5, 1, new PhiloxRandom(1));
      var cell = new LSTMCell(DEVICE, 3, 5, new PhiloxRandom(1));
      Tensor x = Tensor.of(DEVICE, Shape.of(2, 4, 3), new float[24]).plus(0.3);
      Tensor zero = Tensor.zeros(DEVICE, Shape.of(2, 5));
      var state = new Lstm.State(zero, zero);
      for (int t = 0; t < 4; t++) {
        state = cell.forward(x.select(1, t), state);
      }
      Lstm.Output whole = layer.forward(x);
      assertArrayEquals(
          whole.y().select(1, -1).toDoubleArray(), state.hidden().toDoubleArray(), 1e-14);
      assertArrayEquals(
          whole.state().cell().select(0, 0).toDoubleArray(), state.cell().toDoubleArray(), 1e-14);
    }
  }
}
