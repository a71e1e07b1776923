package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import dev.impromptu.backend.Storage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LstmBackwardTest {
  /** One case of the backward: what is given and what is asked. */
  private record Case(LstmShape shape, boolean initial, boolean dy, boolean dLast) {}

  static Stream<Case> cases() {
    return LstmProblem.shapes()
        .flatMap(
            shape ->
                Stream.of(
                    new Case(shape, true, true, true),
                    new Case(shape, false, true, true),
                    new Case(shape, true, true, false),
                    new Case(shape, true, false, true),
                    new Case(shape, false, false, false)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theBackwardAgreesWithDifferences(Case given) {
    var problem = new LstmProblem(given.shape, 7);
    var forward = problem.forward(given.initial);
    var random = new Random(8);
    var dy = LstmProblem.draw(random, forward.y().length());
    var dLast =
        new LstmState(
            LstmProblem.draw(random, problem.stateSize()),
            LstmProblem.draw(random, problem.stateSize()));

    var gradients = new LinkedHashMap<Storage, Storage>();
    var dx = gradientOf(problem.x, gradients);
    var dInitial = given.initial ? gradientOf(problem.initial, gradients) : null;
    var dWeights = new ArrayList<LstmWeights>();
    for (var weights : problem.weights) {
      dWeights.add(
          new LstmWeights(
              gradientOf(weights.inputWeight(), gradients),
              gradientOf(weights.hiddenWeight(), gradients),
              gradientOf(weights.inputBias(), gradients),
              gradientOf(weights.hiddenBias(), gradients)));
    }
    BACKEND.lstmBackward(
        given.shape,
        problem.x,
        problem.weights,
        given.initial ? problem.initial : null,
        forward.reserve(),
        given.dy ? dy : null,
        given.dLast ? dLast : null,
        dx,
        dInitial,
        dWeights);

    for (var entry : gradients.entrySet()) {
      var expected =
          differences(
              entry.getKey(),
              () -> {
                var out = problem.forward(given.initial);
                double sum = given.dy ? dot(out.y(), dy) : 0;
                if (given.dLast) {
                  sum += dot(out.last().hidden(), dLast.hidden());
                  sum += dot(out.last().cell(), dLast.cell());
                }
                return sum;
              });
      assertArrayEquals(expected, read(entry.getValue()), 1e-8);
    }
  }

  private static Storage gradientOf(Storage input, Map<Storage, Storage> gradients) {
    var gradient = empty(input.length());
    gradients.put(input, gradient);
    return gradient;
  }

  private static LstmState gradientOf(LstmState input, Map<Storage, Storage> gradients) {
    return new LstmState(
        gradientOf(input.hidden(), gradients), gradientOf(input.cell(), gradients));
  }

  private interface Loss {
    double value();
  }

  private static double[] differences(Storage input, Loss loss) {
    double step = 1e-5;
    var values = read(input);
    var slopes = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      var element = input.slice(i, 1);
      BACKEND.fill(element, values[i] + step);
      double above = loss.value();
      BACKEND.fill(element, values[i] - step);
      double below = loss.value();
      BACKEND.fill(element, values[i]);
      slopes[i] = (above - below) / (2 * step);
    }
    return slopes;
  }

  private static double dot(Storage left, Storage right) {
    var a = read(left);
    var b = read(right);
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Test
  void gradientsNobodyWantsChangeNoOthers() {
    var problem = new LstmProblem(new LstmShape(2, 3, 2, 3, 2), 13);
    var forward = problem.forward(true);
    var dy = LstmProblem.draw(new Random(1), forward.y().length());
    var all = weightGradients(problem);
    var some = weightGradients(problem);
    BACKEND.lstmBackward(
        problem.shape,
        problem.x,
        problem.weights,
        problem.initial,
        forward.reserve(),
        dy,
        null,
        empty(problem.x.length()),
        new LstmState(empty(problem.stateSize()), empty(problem.stateSize())),
        all);
    BACKEND.lstmBackward(
        problem.shape,
        problem.x,
        problem.weights,
        problem.initial,
        forward.reserve(),
        dy,
        null,
        null,
        null,
        some);
    for (int layer = 0; layer < 2; layer++) {
      assertArrayEquals(read(all.get(layer).inputWeight()), read(some.get(layer).inputWeight()));
      assertArrayEquals(read(all.get(layer).hiddenWeight()), read(some.get(layer).hiddenWeight()));
      assertArrayEquals(read(some.get(layer).inputBias()), read(some.get(layer).hiddenBias()));
    }
  }

  private static List<LstmWeights> weightGradients(LstmProblem problem) {
    return problem.weights.stream()
        .map(
            weights ->
                new LstmWeights(
                    empty(weights.inputWeight().length()),
                    empty(weights.hiddenWeight().length()),
                    empty(weights.inputBias().length()),
                    empty(weights.hiddenBias().length())))
        .toList();
  }
}
