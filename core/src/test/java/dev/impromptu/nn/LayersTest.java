package dev.impromptu.nn;

import static dev.impromptu.functional.CausalConv1d.causalConv1d;
import static dev.impromptu.functional.Dropout.dropout;
import static dev.impromptu.functional.WeightNorm.weightNorm;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.functional.Lstm;
import dev.impromptu.functional.Mode;
import dev.impromptu.functional.PackedLstm;
import dev.impromptu.functional.PlainLstm;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Profiler;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayersTest {
  private final Device device = Device.named("reference");
  private final PhiloxRandom random = new PhiloxRandom(5);

  private Tensor noise(int... sizes) {
    Shape shape = Shape.of(sizes);
    double[] values = new double[shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Tensor.of(device, shape, values);
  }

  private static void assertSame(Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape());
    assertArrayEquals(expected.toDoubleArray(), actual.toDoubleArray(), 1e-12);
  }

  @Test
  void namesAreThoseOfPyTorch() {
    var gru = new GRU(device, 3, 4, 2, random);
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
        List.copyOf(Module.parameters(gru).keySet()));
    var both = new BiLSTM(device, 3, 4, 1, random);
    assertEquals(
        List.of(
            "weight_ih_l0",
            "weight_hh_l0",
            "bias_ih_l0",
            "bias_hh_l0",
            "weight_ih_l0_reverse",
            "weight_hh_l0_reverse",
            "bias_ih_l0_reverse",
            "bias_hh_l0_reverse"),
        List.copyOf(Module.parameters(both).keySet()));
    var chain =
        new Sequential(
            new Linear(device, 3, 4, random), Layer.of(Tensor::relu), new LayerNorm(device, 4));
    assertEquals(
        List.of("0.weight", "0.bias", "2.weight", "2.bias"),
        List.copyOf(Module.parameters(chain).keySet()));
    var block = new TCNBlock(device, 3, 4, 2, 1, 0, random);
    assertEquals(
        List.of(
            "conv1.bias",
            "conv1.weight_g",
            "conv1.weight_v",
            "conv2.bias",
            "conv2.weight_g",
            "conv2.weight_v",
            "downsample.weight",
            "downsample.bias"),
        List.copyOf(Module.parameters(block).keySet()));
  }

  /** Whole sequences, sums with something else, gates and single steps. */
  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void withoutABiasALayerGivesWhatItGivesWithOneOfZeros(String name) {
    Device where = Device.named(name);
    float[] x = new float[2 * 5 * 3];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    var linear = new Linear(where, 3, 4, true, new PhiloxRandom(1));
    var conv = new Conv1d(where, 3, 4, 2, 2, 1, 1, true, new PhiloxRandom(1));
    var causal = new CausalConv1d(where, 3, 4, 2, 2, true, new PhiloxRandom(1));
    for (Module module : List.of(linear, conv, causal)) {
      Tensor bias = Module.parameters(module).get("bias").value();
      where.backend().fill(bias.writable(), 0);
    }
    var plainLinear = new Linear(where, 3, 4, false, new PhiloxRandom(1));
    var plainConv = new Conv1d(where, 3, 4, 2, 2, 1, 1, false, new PhiloxRandom(1));
    var plain = new CausalConv1d(where, 3, 4, 2, 2, false, new PhiloxRandom(1));
    for (Module module : List.of(plainLinear, plainConv, plain)) {
      assertEquals(Set.of("weight"), Module.parameters(module).keySet());
    }
    try (var _ = Scope.open()) {
      Tensor in = Tensor.of(where, Shape.of(2, 5, 3), x);
      assertSame(linear.forward(in), plainLinear.forward(in));
      assertSame(linear.forward(in.select(1, 0)), plainLinear.forward(in.select(1, 0)));
      assertSame(conv.forward(in), plainConv.forward(in));
      assertSame(causal.forward(in), plain.forward(in));
      assertSame(causal.gated(in), plain.gated(in));
      Tensor residual = Tensor.full(where, Shape.of(2, 5, 4), 0.25);
      Tensor sum = plain.addedTo(residual, in);
      assertSame(causal.addedTo(residual, in), sum);
      Tensor weight = Module.parameters(plain).get("weight").value();
      Tensor expected = Module.parameters(causal).get("weight").value();
      assertSame(
          causal.addedTo(residual, in).square().sum().backward().of(expected),
          sum.square().sum().backward().of(weight));
    }
    try (var _ = Scope.inference()) {
      Tensor in = Tensor.of(where, Shape.of(2, 5, 3), x);
      var ring = plain.ring(2);
      Tensor whole = plain.forward(in);
      for (int t = 0; t < 5; t++) {
        assertArrayEquals(
            whole.select(1, t).toDoubleArray(),
            plain.step(in.select(1, t), ring).toDoubleArray(),
            1e-6);
      }
    }
  }

  @Test
  void anEmbeddingBeginsASequence() {
    var model =
        new Sequential(
            new Embedding(device, 5, 3, new PhiloxRandom(1)),
            new Linear(device, 3, 2, new PhiloxRandom(2)));
    assertEquals(
        List.of("0.weight", "1.weight", "1.bias"), List.copyOf(Module.parameters(model).keySet()));
    try (var _ = Scope.inference()) {
      Tensor ids = Tensor.ofInts(device, Shape.of(2, 2), 4, 0, 1, 4);
      Tensor y = model.forward(ids, Mode.EVALUATION);
      assertEquals(Shape.of(2, 2, 2), y.shape());
      assertSame(y.select(1, 0).slice(0, 0, 1), y.select(1, 1).slice(0, 1, 2));
    }
  }

  @Test
  void everySequenceOfAPaddedBatchGetsWhatItGetsAlone() {
    var lstm = new LSTM(device, 3, 5, 2, random);
    int[] lengths = {2, 6, 1, 6, 4};
    try (var _ = Scope.inference()) {
      Tensor x = noise(5, 6, 3);
      Lstm.Output together = lstm.forward(x, lengths);
      for (int i = 0; i < lengths.length; i++) {
        Tensor own = x.slice(0, i, i + 1).slice(1, 0, lengths[i]);
        Lstm.Output alone = lstm.forward(own);
        Tensor y = together.y().slice(0, i, i + 1);
        assertSame(alone.y(), y.slice(1, 0, lengths[i]));
        assertSame(alone.state().hidden(), together.state().hidden().slice(1, i, i + 1));
        assertSame(alone.state().cell(), together.state().cell().slice(1, i, i + 1));
        if (lengths[i] < 6) {
          assertEquals(0, y.slice(1, lengths[i], 6).abs().sum().item());
        }
      }
    }
  }

  @Test
  void everySequenceOfAPaddedBatchGoesOnFromItsOwnState() {
    int[] lengths = {2, 6, 1, 6, 4};
    try (var _ = Scope.inference()) {
      Tensor x = noise(5, 6, 3);
      List<Lstm.Weights> weights = twoLayers();
      Tensor hidden = noise(2, 5, 4);
      Tensor cell = noise(2, 5, 4);
      Lstm.Output together = PackedLstm.lstm(x, lengths, weights, new Lstm.State(hidden, cell));
      for (int i = 0; i < lengths.length; i++) {
        Tensor own = x.slice(0, i, i + 1).slice(1, 0, lengths[i]);
        var before = new Lstm.State(hidden.slice(1, i, i + 1), cell.slice(1, i, i + 1));
        Lstm.Output alone = Lstm.lstm(own, weights, before);
        assertSame(alone.y(), together.y().slice(0, i, i + 1).slice(1, 0, lengths[i]));
        assertSame(alone.state().hidden(), together.state().hidden().slice(1, i, i + 1));
        assertSame(alone.state().cell(), together.state().cell().slice(1, i, i + 1));
      }
    }
  }

  /** From 3 features to 4 and 4. */
  private List<Lstm.Weights> twoLayers() {
    return List.of(
        new Lstm.Weights(noise(16, 3), noise(16, 4), noise(16), noise(16)),
        new Lstm.Weights(noise(16, 4), noise(16, 4), noise(16), noise(16)));
  }

  @Test
  void theLstmOfPrimitiveOperationsGivesWhatTheFusedOneGives() {
    try (var _ = Scope.inference()) {
      Tensor x = noise(2, 5, 3);
      List<Lstm.Weights> weights = twoLayers();
      var state = new Lstm.State(noise(2, 2, 4), noise(2, 2, 4));
      Lstm.Output fused = Lstm.lstm(x, weights, state);
      Lstm.Output plain = PlainLstm.lstm(x, weights, state);
      assertSame(fused.y(), plain.y());
      assertSame(fused.state().hidden(), plain.state().hidden());
      assertSame(fused.state().cell(), plain.state().cell());
    }
  }

  @Test
  void bothDirectionsOfAPaddedBatchStartAtTheirOwnEnd() {
    var lstm = new BiLSTM(device, 2, 3, 2, random);
    int[] lengths = {4, 2, 3};
    try (var _ = Scope.inference()) {
      Tensor x = noise(3, 4, 2);
      Lstm.Output together = lstm.forward(x, lengths);
      assertEquals(Shape.of(3, 4, 6), together.y().shape());
      assertEquals(Shape.of(4, 3, 3), together.state().hidden().shape());
      for (int i = 0; i < lengths.length; i++) {
        Lstm.Output alone = lstm.forward(x.slice(0, i, i + 1).slice(1, 0, lengths[i]));
        assertSame(alone.y(), together.y().slice(0, i, i + 1).slice(1, 0, lengths[i]));
        assertSame(alone.state().cell(), together.state().cell().slice(1, i, i + 1));
      }
    }
  }

  @Test
  void sequencesOfOneLengthRunAsOne() {
    var lstm = new LSTM(device, 3, 5, 2, random);
    var profiler = new Profiler();
    try (var _ = Scope.inference()) {
      Tensor x = noise(2, 4, 3);
      Lstm.Output plain = lstm.forward(x);
      try (var _ = Scope.observed(profiler)) {
        Lstm.Output full = lstm.forward(x, new int[] {4, 4});
        assertSame(plain.y(), full.y());
        assertSame(plain.state().cell(), full.state().cell());
      }
      Lstm.Output shorter = lstm.forward(x, new int[] {3, 3});
      Lstm.Output alone = lstm.forward(x.slice(1, 0, 3));
      assertSame(alone.y(), shorter.y().slice(1, 0, 3));
      assertSame(alone.state().hidden(), shorter.state().hidden());
      assertEquals(0, shorter.y().slice(1, 3, 4).abs().sum().item());
    }
    assertEquals(List.of("lstm"), profiler.lines().stream().map(Profiler.Line::name).toList());
  }

  @Test
  void lengthsThatDoNotFitAreRefused() {
    var lstm = new LSTM(device, 3, 5, 1, random);
    try (var _ = Scope.inference()) {
      Tensor x = noise(2, 4, 3);
      var error =
          assertThrows(IllegalArgumentException.class, () -> lstm.forward(x, new int[] {4, 5}));
      assertEquals(
          "lstm: x [2, 4, 3] needs one length from 1 to its time for each sequence"
              + " [batch, time, channels], but met [4, 5]",
          error.getMessage());
    }
  }

  @Test
  void aStridedConvolutionIsEverySecondStepOfAPlainOne() {
    try (var _ = Scope.inference()) {
      Tensor x = noise(2, 9, 3);
      var plain = new Conv1d(device, 3, 4, 3, 1, 1, 1, new PhiloxRandom(1));
      var strided = new Conv1d(device, 3, 4, 3, 2, 1, 1, new PhiloxRandom(1));
      Tensor all = plain.forward(x);
      assertEquals(Shape.of(2, 9, 4), all.shape());
      Tensor some = strided.forward(x);
      assertEquals(Shape.of(2, 5, 4), some.shape());
      for (int t = 0; t < 5; t++) {
        assertSame(all.select(1, 2 * t), some.select(1, t));
      }
    }
  }

  @Test
  void aConvolutionWithoutPaddingSeesOnlyWholeSpans() {
    try (var _ = Scope.inference()) {
      Tensor x = noise(1, 4, 2);
      var conv = new Conv1d(device, 2, 1, 3, random);
      assertEquals(Shape.of(1, 2, 1), conv.forward(x).shape());
      var wide = new Conv1d(device, 2, 1, 3, 1, 0, 2, random);
      var error = assertThrows(IllegalArgumentException.class, () -> wide.forward(x));
      assertEquals(
          "conv1d: a kernel of 3 taps and dilation 2 spans 5 steps,"
              + " but input [1, 4, 2] with padding 0 has 4",
          error.getMessage());
    }
  }

  @Test
  void weightNormStartsAsThePlainConvolution() {
    try (var _ = Scope.inference()) {
      Tensor x = noise(2, 7, 3);
      var plain = new CausalConv1d(device, 3, 4, 2, 2, new PhiloxRandom(9));
      var normed = new WeightNormConv1d(device, 3, 4, 2, 2, new PhiloxRandom(9));
      assertArrayEquals(plain.forward(x).toDoubleArray(), normed.forward(x).toDoubleArray(), 1e-6);
    }
  }

  @Test
  void aBlockOfATcnSeesNothingOfTheFuture() {
    try (var _ = Scope.inference()) {
      var block = new TCNBlock(device, 2, 4, 3, 2, 0.5, random);
      Tensor x = noise(1, 9, 2);
      Tensor changed = Tensor.concat(1, x.slice(1, 0, 6), noise(1, 3, 2));
      Tensor before = block.forward(x, Mode.EVALUATION).slice(1, 0, 6);
      assertSame(before, block.forward(changed, Mode.EVALUATION).slice(1, 0, 6));
    }
  }

  @Test
  void aBlockOfATcnIsItsFormulaInTrainingToo() {
    try (var _ = Scope.inference()) {
      var block = new TCNBlock(device, 2, 4, 3, 2, 0.5, random);
      Tensor x = noise(2, 9, 2);
      Tensor trained = block.forward(x, Mode.training(3, 1));
      Tensor used = block.forward(x, Mode.EVALUATION);
      assertSame(blockOfATcn(block, x, 2, 0.5, Mode.training(3, 1)), trained);
      assertSame(blockOfATcn(block, x, 2, 0, Mode.training(3, 1)), used);
      assertFalse(Arrays.equals(used.toDoubleArray(), trained.toDoubleArray()));
    }
  }

  private static Tensor blockOfATcn(
      TCNBlock block, Tensor x, int dilation, double rate, Mode mode) {
    var parameters = Module.parameters(block);
    Tensor y = x;
    for (String conv : List.of("conv1.", "conv2.")) {
      Tensor weight =
          weightNorm(
              parameters.get(conv + "weight_v").value(), parameters.get(conv + "weight_g").value());
      Tensor convolved = causalConv1d(y, weight, parameters.get(conv + "bias").value(), dilation);
      y = dropout(convolved.relu(), rate, mode);
    }
    Tensor beside =
        causalConv1d(
            x,
            parameters.get("downsample.weight").value(),
            parameters.get("downsample.bias").value(),
            1);
    return y.plus(beside).relu();
  }

  @Test
  void aResidualAddsItsInputAndRefusesAnotherShape() {
    try (var _ = Scope.inference()) {
      Tensor x = noise(2, 3);
      var twice = new Residual(Layer.of(y -> y.times(2)));
      assertSame(x.times(3), twice.forward(x, Mode.EVALUATION));
      var narrowing = new Residual(new Linear(device, 3, 1, random));
      var error =
          assertThrows(IllegalArgumentException.class, () -> narrowing.forward(x, Mode.EVALUATION));
      assertEquals(
          "Residual: the layer inside made [2, 1] of [2, 3]; it must keep the shape",
          error.getMessage());
    }
  }

  @Test
  void aNormalisedRowHasMeanZeroAndVarianceOne() {
    try (var _ = Scope.inference()) {
      Tensor y = new LayerNorm(device, 50).forward(noise(3, 50).times(7).plus(4));
      for (double mean : y.mean(1).toDoubleArray()) {
        assertEquals(0, mean, 1e-12);
      }
      for (double variance : y.square().mean(1).toDoubleArray()) {
        assertEquals(1, variance, 1e-5);
      }
    }
  }
}
