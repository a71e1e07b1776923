package dev.impromptu.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.io.Checkpoint;
import dev.impromptu.io.JsonObject;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.nn.Parameter;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The formulas here are those of PyTorch's documentation, one parameter at a time. */
class OptimizersTest {
  private static final Device REFERENCE = Device.reference();
  private static final Device CPU = Device.cpu();
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  /** One parameter's update by hand. */
  private interface Formula {
    /** The parameter after step {@code t}, from 1, with the gradient {@code g}. */
    double next(double p, double g, int t, double[] memory);
  }

  private static Formula adamW(double rate, double decay) {
    return adam(rate, 0.9, 0.999, 1e-8, decay);
  }

  private static Formula adam(
      double rate, double beta1, double beta2, double epsilon, double decay) {
    return (p, g, t, memory) -> {
      memory[0] = beta1 * memory[0] + (1 - beta1) * g;
      memory[1] = beta2 * memory[1] + (1 - beta2) * g * g;
      double mean = memory[0] / (1 - Math.pow(beta1, t));
      double variance = memory[1] / (1 - Math.pow(beta2, t));
      return p - rate * decay * p - rate * mean / (Math.sqrt(variance) + epsilon);
    };
  }

  private static Formula sgd(
      double rate, double momentum, double dampening, boolean nesterov, double decay) {
    return (p, gradient, t, memory) -> {
      double g = gradient + decay * p;
      if (momentum == 0) {
        return p - rate * g;
      }
      memory[0] = t == 1 ? g : momentum * memory[0] + (1 - dampening) * g;
      return p - rate * (nesterov ? g + momentum * memory[0] : memory[0]);
    };
  }

  private static Formula rmsProp(
      double rate, double alpha, double epsilon, double decay, double momentum, boolean centered) {
    return (p, gradient, t, memory) -> {
      double g = gradient + decay * p;
      memory[0] = alpha * memory[0] + (1 - alpha) * g * g;
      memory[1] = alpha * memory[1] + (1 - alpha) * g;
      double spread = centered ? memory[0] - memory[1] * memory[1] : memory[0];
      memory[2] = momentum * memory[2] + g / (Math.sqrt(spread) + epsilon);
      return p - rate * memory[2];
    };
  }

  private static Arguments kind(String what, Function<Module, Optimizer> making, Formula formula) {
    return Arguments.of(what, making, formula);
  }

  private static Stream<Arguments> kinds() {
    return Stream.of(
        kind("adam", m -> new Adam(m, 1e-2), adamW(1e-2, 0)),
        kind(
            "adam of other settings",
            m -> new Adam(m, Adam.Settings.of(1e-2).withBetas(0.5, 0.9).withEpsilon(0.1)),
            adam(1e-2, 0.5, 0.9, 0.1, 0)),
        kind("adamW", m -> new AdamW(m, AdamW.Settings.of(1e-2)), adamW(1e-2, 1e-2)),
        kind(
            "adamW of much decay",
            m -> new AdamW(m, AdamW.Settings.of(0.1).withWeightDecay(0.5)),
            adamW(0.1, 0.5)),
        kind("sgd", m -> new SGD(m, SGD.Settings.of(0.1)), sgd(0.1, 0, 0, false, 0)),
        kind(
            "sgd with momentum",
            m -> new SGD(m, SGD.Settings.of(0.1).withMomentum(0.9)),
            sgd(0.1, 0.9, 0, false, 0)),
        kind(
            "sgd with dampening and decay",
            m ->
                new SGD(
                    m,
                    SGD.Settings.of(0.1)
                        .withMomentum(0.9)
                        .withDampening(0.25)
                        .withWeightDecay(0.1)),
            sgd(0.1, 0.9, 0.25, false, 0.1)),
        kind(
            "sgd of Nesterov",
            m -> new SGD(m, SGD.Settings.of(0.1).withNesterov(0.9).withWeightDecay(0.1)),
            sgd(0.1, 0.9, 0, true, 0.1)),
        kind(
            "rmsProp",
            m -> new RMSProp(m, RMSProp.Settings.of(1e-2)),
            rmsProp(1e-2, 0.99, 1e-8, 0, 0, false)),
        kind(
            "rmsProp with everything",
            m ->
                new RMSProp(
                    m,
                    RMSProp.Settings.of(1e-2)
                        .withAlpha(0.9)
                        .withEpsilon(1e-3)
                        .withWeightDecay(0.1)
                        .withMomentum(0.9)
                        .withCentering()),
            rmsProp(1e-2, 0.9, 1e-3, 0.1, 0.9, true)));
  }

  /** The loss is half the sum of {@code a w^2}, so the gradient is {@code a w}. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void tenStepsFollowTheFormula(String what, Function<Module, Optimizer> making, Formula formula) {
    float[] first = {1, -2, 0.5f, 3, -0.25f};
    float[] a = {1, 0.5f, -2, 0.125f, 4};
    for (Device device : List.of(REFERENCE, CPU)) {
      var parameter = new Parameter(Tensor.parameter(device, Shape.of(5), first));
      Optimizer optimizer = making.apply(v -> v.parameter("w", parameter));
      double[] expected = {1, -2, 0.5, 3, -0.25};
      double[][] memory = new double[5][3];
      for (int step = 1; step <= 10; step++) {
        try (var _ = Scope.open()) {
          Tensor w = parameter.value();
          Tensor scale = Tensor.of(device, Shape.of(5), a);
          optimizer.step(w.times(w).times(scale).times(0.5).sum().backward());
        }
        for (int i = 0; i < 5; i++) {
          expected[i] = formula.next(expected[i], a[i] * expected[i], step, memory[i]);
        }
        double tolerance = device == REFERENCE ? 1e-12 : 2e-5;
        assertArrayEquals(
            expected, parameter.value().toDoubleArray(), tolerance, device + ", step " + step);
      }
      assertEquals(10, optimizer.steps());
    }
  }

  @Test
  void theDefaultsAreThoseOfPyTorch() {
    assertEquals(
        new AdamW.Settings(1e-3, 0.9, 0.999, 1e-8, 1e-2, INFINITY), AdamW.Settings.DEFAULTS);
    assertEquals(new Adam.Settings(1e-3, 0.9, 0.999, 1e-8, INFINITY), Adam.Settings.DEFAULTS);
    assertEquals(new SGD.Settings(1e-3, 0, 0, false, 0, INFINITY), SGD.Settings.DEFAULTS);
    assertEquals(
        new RMSProp.Settings(1e-2, 0.99, 1e-8, 0, 0, false, INFINITY), RMSProp.Settings.DEFAULTS);
    assertEquals(AdamW.Settings.DEFAULTS, AdamW.Settings.of(1e-3));
    assertEquals(Adam.Settings.DEFAULTS, Adam.Settings.of(1e-3));
    assertEquals(SGD.Settings.DEFAULTS, SGD.Settings.of(1e-3));
    assertEquals(RMSProp.Settings.DEFAULTS, RMSProp.Settings.of(1e-2));
  }

  @Test
  void whatIsRememberedHasPyTorchsNames() {
    var layer = new Linear(REFERENCE, 1, 1, new PhiloxRandom(1));
    assertEquals(
        "[weight.exp_avg, weight.exp_avg_sq, bias.exp_avg, bias.exp_avg_sq]",
        new AdamW(layer, AdamW.Settings.DEFAULTS).state().keySet().toString());
    assertEquals("[]", new SGD(layer, SGD.Settings.DEFAULTS).state().keySet().toString());
    assertEquals(
        "[weight.momentum_buffer, bias.momentum_buffer]",
        new SGD(layer, SGD.Settings.of(1).withMomentum(0.5)).state().keySet().toString());
    var all = RMSProp.Settings.of(1).withMomentum(0.5).withCentering();
    assertTrue(
        new RMSProp(layer, all)
            .state()
            .keySet()
            .containsAll(List.of("bias.square_avg", "bias.grad_avg", "bias.momentum_buffer")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void aRunThatWasSavedContinuesToTheLastBit(
      String what, Function<Module, Optimizer> making, Formula formula, @TempDir Path folder)
      throws Exception {
    var whole = new Linear(CPU, 3, 2, new PhiloxRandom(1));
    Optimizer straight = making.apply(whole);
    for (int step = 0; step < 6; step++) {
      step(whole, straight);
    }
    var first = new Linear(CPU, 3, 2, new PhiloxRandom(1));
    Optimizer stopped = making.apply(first);
    for (int step = 0; step < 3; step++) {
      step(first, stopped);
    }
    Checkpoint.save(folder.resolve("last"), JsonObject.builder().build(), first, stopped);
    var second = new Linear(CPU, 3, 2, new PhiloxRandom(2));
    Optimizer resumed = making.apply(second);
    Checkpoint checkpoint = Checkpoint.open(folder.resolve("last"));
    checkpoint.loadInto(second);
    checkpoint.loadInto(resumed, 3);
    for (int step = 3; step < 6; step++) {
      step(second, resumed);
    }

    assertArrayEquals(values(whole, "weight"), values(second, "weight"));
    assertArrayEquals(values(whole, "bias"), values(second, "bias"));
  }

  private static void step(Linear layer, Optimizer optimizer) {
    try (var _ = Scope.open()) {
      float[] x = new float[6];
      for (int i = 0; i < x.length; i++) {
        x[i] = (i + optimizer.steps()) % 5 - 2;
      }
      Tensor y = layer.forward(Tensor.of(CPU, Shape.of(2, 3), x));
      optimizer.step(y.times(y).sum().backward());
    }
  }

  private static float[] values(Module model, String name) {
    return Module.parameters(model).get(name).value().toFloatArray();
  }

  @Test
  void aGroupHasItsOwnRateAndDecay() {
    var settings = SGD.Settings.of(0.5).withWeightDecay(0.5);
    var groups =
        new ParameterGroup[] {
          ParameterGroup.withoutDecay(name -> name.equals("free")),
          new ParameterGroup(name -> name.startsWith("f"), 0, 0),
          new ParameterGroup(name -> name.equals("slow"), 0.25, 2)
        };
    var free = one();
    var frozen = one();
    var slow = one();
    var rest = one();
    Module model =
        v -> {
          v.parameter("free", free);
          v.parameter("frozen", frozen);
          v.parameter("slow", slow);
          v.parameter("rest", rest);
        };
    var sgd = new SGD(model, settings, groups);
    try (var _ = Scope.open()) {
      // The gradient is 1.
      Tensor loss = free.value().plus(frozen.value()).plus(slow.value()).plus(rest.value()).sum();
      sgd.step(loss.backward());
    }
    assertEquals(1 - 0.5, free.value().item(), 1e-12);
    assertEquals(1, frozen.value().item());
    assertEquals(1 - 0.25 * 0.5 * (1 + 2), slow.value().item(), 1e-12);
    assertEquals(1 - 0.5 * (1 + 0.5), rest.value().item(), 1e-12);
  }

  private static Stream<Function<Module, GroupedOptimizer>> withAFrozenGroup() {
    ParameterGroup frozen = ParameterGroup.frozen(name -> name.equals("frozen"));
    return Stream.of(
        m -> new Adam(m, Adam.Settings.of(0.1).withMaxNorm(10), frozen),
        m -> new AdamW(m, AdamW.Settings.of(0.1).withMaxNorm(10), frozen),
        m -> new SGD(m, SGD.Settings.of(0.1).withMomentum(0.9).withMaxNorm(10), frozen),
        m -> new RMSProp(m, RMSProp.Settings.of(0.1).withCentering().withMaxNorm(10), frozen));
  }

  /** Not even by a gradient that is no number. */
  @ParameterizedTest
  @MethodSource("withAFrozenGroup")
  void aFrozenParameterIsNoPartOfTheOptimizer(
      Function<Module, GroupedOptimizer> making, @TempDir Path folder) throws Exception {
    for (Device device : List.of(REFERENCE, CPU)) {
      var frozen = new Parameter(Tensor.parameter(device, Shape.of(1), 1f));
      var free = new Parameter(Tensor.parameter(device, Shape.of(1), 1f));
      Module model =
          v -> {
            v.parameter("frozen", frozen);
            v.parameter("free", free);
          };
      GroupedOptimizer optimizer = making.apply(model);
      for (double scale : new double[] {1000, Double.NaN}) {
        double before = free.value().item();
        try (var _ = Scope.open()) {
          Tensor loss = frozen.value().times(scale).plus(free.value().times(3)).sum();
          optimizer.step(loss.backward());
        }
        assertEquals(3, optimizer.gradientNorm(), 1e-6);
        assertEquals(1, frozen.value().item());
        assertTrue(free.value().item() < before, "it learns");
      }
      assertTrue(
          optimizer.state().keySet().stream().allMatch(name -> name.startsWith("free.")),
          optimizer.state().keySet().toString());

      Path saved = folder.resolve(device.name());
      Checkpoint.save(saved, JsonObject.builder().build(), model, optimizer);
      GroupedOptimizer resumed = making.apply(model);
      Checkpoint.open(saved).loadInto(resumed, 2);
      optimizer
          .state()
          .forEach(
              (name, tensor) ->
                  assertEquals((float) tensor.item(), (float) resumed.state().get(name).item()));
      try (var _ = Scope.open()) {
        // Nothing to be moved has a gradient.
        resumed.step(frozen.value().sum().backward());
      }
      assertEquals(0, resumed.gradientNorm());
    }
  }

  @Test
  void aModelThatIsFrozenAsAWholeIsRefused() {
    var layer = new Linear(REFERENCE, 1, 1, new PhiloxRandom(1));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new AdamW(layer, AdamW.Settings.DEFAULTS, ParameterGroup.frozen(name -> true)));
    assertEquals(
        "AdamW: every parameter of the model is frozen by a group of rate scale 0; leave some that"
            + " learn",
        e.getMessage());
  }

  @Test
  void adamHasGroupsButNoDecay() {
    var slow = one();
    var rest = one();
    Module model =
        v -> {
          v.parameter("slow", slow);
          v.parameter("rest", rest);
        };
    var half = new ParameterGroup(name -> name.equals("slow"), 0.5, 0);
    var adam = new Adam(model, Adam.Settings.of(0.1).withEpsilon(0), half);
    try (var _ = Scope.open()) {
      adam.step(slow.value().plus(rest.value()).sum().backward());
    }
    assertEquals(1 - 0.05, slow.value().item(), 1e-12);
    assertEquals(1 - 0.1, rest.value().item(), 1e-12);
    var decaying = new ParameterGroup(name -> true, 1, 0.05);
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Adam(model, Adam.Settings.DEFAULTS, decaying));
    assertEquals(
        "Adam: a group has a weight decay of 0.05, but Adam has none; use AdamW, or a decay of 0",
        e.getMessage());
  }

  @Test
  void aClosedOptimizerHasGivenBackItsMemory() {
    var parameter = new Parameter(Tensor.parameter(CPU, Shape.of(1), 1f));
    Module model = v -> v.parameter("w", parameter);
    String before = Scope.describeOpen(CPU);
    var adamW = new AdamW(model, AdamW.Settings.of(0.1).withMaxNorm(1));
    assertNotEquals(before, Scope.describeOpen(CPU));
    adamW.close();
    adamW.close();
    assertEquals(before, Scope.describeOpen(CPU));
    try (var _ = Scope.open()) {
      var gradients = parameter.value().sum().backward();
      var e = assertThrows(IllegalStateException.class, () -> adamW.step(gradients));
      assertEquals(
          "AdamW: it was closed and makes no step any more; make another of the model",
          e.getMessage());
    }
    assertEquals(1, parameter.value().item());
  }

  @Test
  void theNormIsThatOfAllGroupsTogether() {
    var first = one();
    var second = one();
    Module model =
        v -> {
          v.parameter("first", first);
          v.parameter("second", second);
        };
    var sgd =
        new SGD(
            model,
            SGD.Settings.of(1).withMaxNorm(1),
            new ParameterGroup(name -> name.equals("second"), 0.5, 0));
    try (var _ = Scope.open()) {
      sgd.step(first.value().times(3).plus(second.value().times(4)).sum().backward());
    }
    assertEquals(5, sgd.gradientNorm(), 1e-12);
    assertEquals(1 - 0.6, first.value().item(), 1e-6);
    assertEquals(1 - 0.5 * 0.8, second.value().item(), 1e-6);
  }

  @Test
  void aParameterWithoutGradientStays() {
    var used = one();
    var unused = one();
    Module model =
        v -> {
          v.parameter("used", used);
          v.parameter("unused", unused);
        };
    var adamW = new AdamW(model, AdamW.Settings.of(0.1));
    try (var _ = Scope.open()) {
      adamW.step(used.value().sum().backward());
    }
    assertTrue(used.value().item() < 1);
    assertEquals(1, unused.value().item());
  }

  /** Under both names, but moved and counted once, as in PyTorch. */
  @Test
  void aSharedParameterIsMovedOnce() {
    var shared = one();
    Module model =
        v -> {
          v.parameter("embedding", shared);
          v.parameter("head", new Parameter(shared.value()));
        };
    var sgd = new SGD(model, SGD.Settings.of(0.5).withMaxNorm(10));
    try (var _ = Scope.open()) {
      sgd.step(shared.value().times(3).plus(shared.value()).sum().backward());
    }
    assertEquals(1 - 0.5 * 4, shared.value().item(), 1e-12);
    assertEquals(4, sgd.gradientNorm(), 1e-12);
    assertEquals(1, Module.parameterCount(model));
    assertEquals(2, Module.parameters(model).size());
  }

  @Test
  void aStepBetweenForwardAndBackwardIsRefused() {
    var parameter = one();
    Module model = v -> v.parameter("weight", parameter);
    var sgd = new SGD(model, SGD.Settings.of(0.5));
    try (var _ = Scope.open()) {
      Tensor first = parameter.value().square().sum();
      Tensor second = parameter.value().square().sum();
      Tensor needsNoValue = parameter.value().times(2).sum();
      sgd.step(first.backward());
      var error = assertThrows(IllegalStateException.class, second::backward);
      assertTrue(error.getMessage().contains("was changed in place"), error.getMessage());
      sgd.step(needsNoValue.backward());
    }
    assertEquals(1 - 0.5 * 2 - 0.5 * 2, parameter.value().item(), 1e-12);
  }

  private static Parameter one() {
    return new Parameter(Tensor.parameter(REFERENCE, Shape.of(1), 1f));
  }

  @Test
  void impossibleSettingsAreRefused() {
    var layer = new Linear(REFERENCE, 1, 1, new PhiloxRandom(1));
    refused(() -> SGD.Settings.of(0.1).withMomentum(1));
    refused(() -> SGD.Settings.of(0.1).withNesterov(0));
    refused(() -> SGD.Settings.of(0.1).withDampening(0.5).withNesterov(0.9));
    refused(() -> SGD.Settings.of(0.1).withWeightDecay(-1));
    refused(() -> AdamW.Settings.of(0.1).withBetas(0.9, 1));
    refused(() -> AdamW.Settings.of(0.1).withEpsilon(Double.NaN));
    refused(() -> Adam.Settings.of(0.1).withBetas(1, 0.9));
    refused(() -> Adam.Settings.of(0.1).withEpsilon(-1));
    refused(() -> RMSProp.Settings.of(0.1).withAlpha(1.5));
    refused(() -> new ParameterGroup(name -> true, -1, 0));
    for (double dampening : new double[] {Double.NaN, INFINITY}) {
      refused(() -> SGD.Settings.of(0.1).withDampening(dampening));
    }
    for (double none : new double[] {0, -1, Double.NaN}) {
      refused(() -> SGD.Settings.of(none));
      refused(() -> AdamW.Settings.of(none));
      refused(() -> RMSProp.Settings.of(none));
      refused(() -> new Adam(layer, none));
      refused(() -> SGD.Settings.of(0.1).withMaxNorm(none));
      refused(() -> AdamW.Settings.of(0.1).withMaxNorm(none));
      refused(() -> RMSProp.Settings.of(0.1).withMaxNorm(none));
      refused(() -> new Adam(layer, 0.1, none));
    }
    var error =
        assertThrows(IllegalArgumentException.class, () -> AdamW.Settings.of(0.1).withMaxNorm(-2));
    assertEquals(
        "AdamW: the largest gradient norm -2.0 must be greater than 0", error.getMessage());
    refused(() -> new RMSProp(v -> {}, RMSProp.Settings.DEFAULTS));
  }

  @ParameterizedTest
  @CsvSource({"0, true", "-0.1, false", "NaN, false"})
  void aScheduleMaySetAnyRateThatIsNotNegative(double rate, boolean allowed) {
    var adamW =
        new AdamW(new Linear(REFERENCE, 1, 1, new PhiloxRandom(1)), AdamW.Settings.DEFAULTS);
    if (allowed) {
      adamW.learningRate(rate);
      assertEquals(rate, adamW.learningRate());
      assertEquals(rate, adamW.upcoming().learningRate());
    } else {
      refused(() -> adamW.learningRate(rate));
    }
  }

  private static void refused(Runnable making) {
    assertThrows(IllegalArgumentException.class, making::run);
  }
}
