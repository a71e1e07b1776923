package dev.impromptu.functional;

import static dev.impromptu.functional.CausalConv1d.causalConv1d;
import static dev.impromptu.functional.GatedConv1d.gatedConv1d;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.testkit.OpCase;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CausalConv1dTest {
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

  private static Tensor random(Device device, int... sizes) {
    OpCase.Values drawn = OpCase.uniform(-1, 1, sizes);
    return Tensor.of(device, drawn.shape(), drawn.values());
  }

  private Tensor random(int... sizes) {
    return random(device, sizes);
  }

  @Test
  void anOutputSeesNoLaterInput() {
    Tensor weight = random(3, 2, 3);
    float[] x = random(1, 9, 2).toFloatArray();
    double[] before = causalConv1d(of(x), weight, 2).toDoubleArray();
    Arrays.fill(x, 5 * 2, 18, 100f);
    double[] after = causalConv1d(of(x), weight, 2).toDoubleArray();
    assertArrayEquals(Arrays.copyOf(before, 15), Arrays.copyOf(after, 15));
  }

  private Tensor of(float[] x) {
    return Tensor.of(device, Shape.of(1, 9, 2), x);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 4", "2, 1", "2, 4", "2, 16", "3, 1", "3, 4"})
  void stepByStepGivesWhatTheWholeSequenceGives(int kernel, int dilation) {
    for (Device each : new Device[] {Device.reference(), Device.cpu()}) {
      Tensor x = random(each, 3, 20, 7);
      Tensor weight = random(each, 9, 7, kernel);
      Tensor bias = random(each, 9);
      Tensor whole = causalConv1d(x, weight, bias, dilation);
      var ring = new ConvRing(each, 3, 7, kernel, dilation);
      for (int t = 0; t < 20; t++) {
        double[] expected = whole.select(1, t).toDoubleArray();
        double[] met = ring.step(x.select(1, t), weight, bias).toDoubleArray();
        assertArrayEquals(expected, met, each == Device.cpu() ? 1e-5 : 1e-13, "step " + t);
      }
    }
  }

  @Test
  void theGatedOneIsTheProductOfTwo() {
    Tensor x = random(2, 9, 7);
    Tensor weight = random(6, 7, 2);
    Tensor bias = random(6);
    Tensor filter = causalConv1d(x, weight.slice(0, 0, 3), bias.slice(0, 0, 3), 4).tanh();
    Tensor gate = causalConv1d(x, weight.slice(0, 3, 6), bias.slice(0, 3, 6), 4).sigmoid();
    assertArrayEquals(
        filter.times(gate).toDoubleArray(), gatedConv1d(x, weight, bias, 4).toDoubleArray(), 1e-14);
  }

  @Test
  void sizesThatDoNotFitAreNamed() {
    says(
        "causalConv1d: weight [64, 32, 2] expects 32 input channels, but input is [8, 48, 128]",
        () -> causalConv1d(random(8, 48, 128), random(64, 32, 2), 1));
    says(
        "causalConv1d: expected an input [batch, time, channels], but it is [4, 5]",
        () -> causalConv1d(random(4, 5), random(6, 5, 2), 1));
    says(
        "gatedConv1d: expected a weight [out, in, kernel], but it is [6, 5]",
        () -> gatedConv1d(random(1, 4, 5), random(6, 5), 1));
    says(
        "causalConv1d: weight [6, 5, 2] expects a bias [6], but it is [5]",
        () -> causalConv1d(random(1, 4, 5), random(6, 5, 2), random(5), 1));
    says(
        "gatedConv1d: weight [3, 5, 2] has 3 output channels, expected an even number: filter and"
            + " gate",
        () -> gatedConv1d(random(1, 4, 5), random(3, 5, 2), 1));
    says(
        "gatedConv1d: dilation 0 must be at least 1",
        () -> gatedConv1d(random(1, 4, 5), random(4, 5, 2), 0));
  }

  @Test
  void stepsThatCannotBeCountedAreRefused() {
    String tooFar =
        "convolution: 3 taps of dilation 1073741824 look back 2147483648 steps, and with the %d of"
            + " the sequence that is more than 2147483647; take fewer taps or a smaller dilation";
    for (Device each : new Device[] {Device.reference(), Device.cpu()}) {
      Tensor x = random(each, 1, 4, 5);
      Tensor weight = random(each, 6, 5, 3);
      says(tooFar.formatted(4), () -> causalConv1d(x, weight, 1 << 30));
      says(tooFar.formatted(4), () -> gatedConv1d(x, weight, 1 << 30));
      says(tooFar.formatted(1), () -> new ConvRing(each, 1, 5, 3, 1 << 30));
      assertArrayEquals(
          new int[] {1, 4, 6}, causalConv1d(x, weight, (1 << 30) - 3).shape().sizes());
    }
  }

  @Test
  void aRingTakesOnlyWhatItWasMadeFor() {
    var ring = new ConvRing(device, 2, 5, 2, 4);
    says(
        "causalConv1dStep: weight [6, 5, 3] has 3 taps, but the ring was made for 2",
        () -> ring.step(random(2, 5), random(6, 5, 3)));
    says(
        "causalConv1dStep: input is [3, 5], but the ring was made for [2, 5]",
        () -> ring.step(random(3, 5), random(6, 5, 2)));
    says(
        "causalConv1dStep: expected an input [batch, channels], but it is [2, 1, 5]",
        () -> ring.step(random(2, 1, 5), random(6, 5, 2)));
  }

  private static void says(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void aStepNeverLosesAGradientInSilence() {
    var ring = new ConvRing(device, 2, 5, 2, 1);
    Tensor weight = random(6, 5, 2).tracked();
    assertThrows(IllegalStateException.class, () -> ring.step(random(2, 5), weight));
    try (var _ = Scope.inference()) {
      ring.step(random(2, 5), weight);
    }
  }
}
