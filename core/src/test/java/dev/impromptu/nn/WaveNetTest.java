package dev.impromptu.nn;

import static dev.impromptu.functional.CausalConv1d.causalConv1d;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Gradients;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.OpCase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaveNetTest {
  /** Two stacks of the dilations 1, 2, 4. */
  private static final WaveNet.Sizes SIZES = new WaveNet.Sizes(3, 6, 5, 7, 2, 2, 3);

  private static final int TIME = 23;
  private static final Device[] DEVICES = {Device.reference(), Device.cpu()};

  private static WaveNet net(Device device) {
    return new WaveNet(device, SIZES, new PhiloxRandom(4));
  }

  private static Tensor input(Device device) {
    OpCase.Values x = OpCase.uniform(-1, 1, 2, TIME, SIZES.in());
    return Tensor.of(device, x.shape(), x.values());
  }

  private static double tolerance(Device device) {
    return device == Device.reference() ? 1e-13 : 1e-5;
  }

  @Test
  void namesAreStated() {
    var small = new WaveNet(Device.cpu(), new WaveNet.Sizes(3, 4, 5, 6, 2, 1, 2), random());
    var parameters = Module.parameters(small);
    assertEquals(
        List.of(
            "input.weight",
            "input.bias",
            "layers.0.dilated.weight",
            "layers.0.dilated.bias",
            "layers.0.skip.weight",
            "layers.0.skip.bias",
            "layers.0.residual.weight",
            "layers.0.residual.bias",
            "layers.1.dilated.weight",
            "layers.1.dilated.bias",
            "layers.1.skip.weight",
            "layers.1.skip.bias"),
        List.copyOf(parameters.keySet()));
    assertEquals(Shape.of(4, 3, 1), parameters.get("input.weight").shape());
    assertEquals(Shape.of(10, 4, 2), parameters.get("layers.0.dilated.weight").shape());
    assertEquals(Shape.of(6, 5, 1), parameters.get("layers.0.skip.weight").shape());
    assertEquals(Shape.of(4, 5, 1), parameters.get("layers.0.residual.weight").shape());
  }

  private static PhiloxRandom random() {
    return new PhiloxRandom(1);
  }

  @Test
  void theReceptiveFieldIsExactlyWhatIsComputed() {
    assertEquals(1 + 2 * (1 + 2 + 4), SIZES.receptiveField());
    assertEquals(61, new WaveNet.Sizes(1, 1, 1, 1, 2, 4, 4).receptiveField());
    assertEquals(1 + 2 * 3, new WaveNet.Sizes(1, 1, 1, 1, 3, 1, 2).receptiveField());
    try (var _ = Scope.open()) {
      var net = net(Device.reference());
      float[] x = input(Device.reference()).toFloatArray();
      double[] before = lastOf(net, x);
      int oldest = TIME - net.receptiveField();
      Arrays.fill(x, 0, oldest * SIZES.in(), 9f);
      assertArrayEquals(before, lastOf(net, x));
      x[oldest * SIZES.in()] = 9f;
      assertNotEquals(before[0], lastOf(net, x)[0]);
    }
  }

  /** {@code z = tanh(filter) sigmoid(gate)}; the skip connections of all layers are added up. */
  @Test
  void twoStacksAreTheFormulaWithDilationsThatStartAgain() {
    try (var _ = Scope.inference()) {
      var net = net(Device.reference());
      Tensor x = input(Device.reference());
      Tensor residual = convolved(net, "input", x, 1);
      Tensor sum = Tensor.zeros(Device.reference(), Shape.of(2, TIME, SIZES.skip()));
      int[] dilations = {1, 2, 4, 1, 2, 4};
      for (int layer = 0; layer < dilations.length; layer++) {
        String name = "layers." + layer;
        Tensor both = convolved(net, name + ".dilated", residual, dilations[layer]);
        Tensor filter = both.slice(2, 0, SIZES.gate());
        Tensor gate = both.slice(2, SIZES.gate(), 2 * SIZES.gate());
        Tensor z = filter.tanh().times(gate.sigmoid());
        sum = sum.plus(convolved(net, name + ".skip", z, 1));
        if (layer + 1 < dilations.length) {
          residual = residual.plus(convolved(net, name + ".residual", z, 1));
        }
      }
      assertArrayEquals(sum.toDoubleArray(), net.forward(x).toDoubleArray(), 1e-13);
    }
  }

  private static Tensor convolved(WaveNet net, String name, Tensor x, int dilation) {
    var parameters = Module.parameters(net);
    return causalConv1d(
        x,
        parameters.get(name + ".weight").value(),
        parameters.get(name + ".bias").value(),
        dilation);
  }

  private static double[] lastOf(WaveNet net, float[] x) {
    return net.last(Tensor.of(Device.reference(), Shape.of(2, TIME, SIZES.in()), x))
        .select(0, 0)
        .toDoubleArray();
  }

  @Test
  void theLastStepAloneIsThatOfAllSteps() {
    for (Device device : DEVICES) {
      try (var _ = Scope.open()) {
        Tensor all = net(device).forward(input(device));
        assertEquals(Shape.of(2, TIME, SIZES.skip()), all.shape());
        assertArrayEquals(
            all.select(1, -1).toDoubleArray(),
            net(device).last(input(device)).toDoubleArray(),
            tolerance(device));
      }
    }
  }

  @Test
  void stepByStepGivesWhatTheWholeSequenceGives() {
    for (Device device : DEVICES) {
      try (var _ = Scope.inference()) {
        var net = net(device);
        Tensor x = input(device);
        Tensor whole = net.forward(x);
        WaveNet.State state = net.state(2);
        for (int t = 0; t < TIME; t++) {
          double[] expected = whole.select(1, t).toDoubleArray();
          try (var _ = Scope.inference()) {
            double[] met = net.step(x.select(1, t), state).toDoubleArray();
            assertArrayEquals(expected, met, tolerance(device), device + ", step " + t);
          }
        }
      }
    }
  }

  @Test
  void twoStreamsOfOneNetDoNotDisturbEachOther() {
    try (var _ = Scope.inference()) {
      var net = net(Device.cpu());
      Tensor x = input(Device.cpu());
      WaveNet.State one = net.state(2);
      WaveNet.State other = net.state(2);
      net.step(x.select(1, 5), other);
      net.step(x.select(1, 0), one);
      assertArrayEquals(
          net.forward(x).select(1, 1).toFloatArray(),
          net.step(x.select(1, 1), one).toFloatArray(),
          1e-5f);
    }
  }

  @Test
  void everyParameterIsTrained() {
    try (var _ = Scope.open()) {
      var net = net(Device.reference());
      Gradients gradients = net.last(input(Device.reference())).sum().backward();
      Module.parameters(net)
          .forEach(
              (name, parameter) -> {
                double[] gradient = gradients.find(parameter.value()).orElseThrow().toDoubleArray();
                assertTrue(Arrays.stream(gradient).anyMatch(value -> value != 0), name);
              });
    }
  }

  @Test
  void theLastLayerHandsNothingOn() {
    var last = new WaveNetLayer(Device.reference(), SIZES, 1, true, random());
    try (var _ = Scope.open()) {
      Tensor x = Tensor.zeros(Device.reference(), Shape.of(1, 2, SIZES.residual()));
      assertThrows(IllegalStateException.class, () -> last.onward(x, last.gated(x)));
    }
  }

  @Test
  void sizesThatMakeNoNetAreRefused() {
    var error =
        assertThrows(IllegalArgumentException.class, () -> new WaveNet.Sizes(3, 6, 5, 0, 2, 2, 3));
    assertTrue(error.getMessage().contains("skip 0"), error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new WaveNet.Sizes(3, 6, 5, 1, 2, 2, 21));
  }

  private static List<Double> twentySteps(Device device) {
    var net = net(device);
    var adam = new Adam(net, 1e-2);
    List<Double> losses = new ArrayList<>();
    for (int step = 0; step < 20; step++) {
      try (var _ = Scope.open()) {
        Tensor targets = Tensor.ofInts(device, Shape.of(2), step % 7, (step + 3) % 7);
        Tensor loss = CrossEntropy.crossEntropy(net.last(input(device)), targets);
        adam.step(loss.backward());
        losses.add(loss.item());
      }
    }
    return losses;
  }

  @Test
  void twentyTrainingStepsAgreeWithTheReference() {
    List<Double> expected = twentySteps(Device.reference());
    List<Double> met = twentySteps(Device.cpu());
    for (int step = 0; step < 20; step++) {
      assertEquals(expected.get(step), met.get(step), 1e-4, "step " + step);
    }
    assertEquals(met, twentySteps(Device.cpu()), "the same bits again");
  }
}
