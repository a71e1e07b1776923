package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.read;
import static dev.impromptu.backend.reference.Values.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.impromptu.backend.LstmShape;
import dev.impromptu.backend.LstmState;
import dev.impromptu.backend.LstmWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LstmTest {
  @Test
  void oneStepAgreesWithTheEquationsForOneUnit() {
    var weights =
        new LstmWeights(
            values(0.1, -0.2, 0.3, 0.4, -0.5, 0.6, 0.7, 0.8),
            values(0.9, -1.0, 1.1, -1.2),
            values(0.01, 0.02, 0.03, 0.04),
            values(-0.05, 0.06, -0.07, 0.08));
    var shape = new LstmShape(1, 1, 2, 1, 1);
    var y = empty(1);
    var last = new LstmState(empty(1), empty(1));
    BACKEND.lstmForward(
        shape,
        values(2, -3),
        List.of(weights),
        new LstmState(values(0.5), values(-0.25)),
        y,
        last,
        empty(BACKEND.lstmReserve(shape)));

    double i = logistic(0.1 * 2 - 0.2 * -3 + 0.9 * 0.5 + 0.01 - 0.05);
    double f = logistic(0.3 * 2 + 0.4 * -3 - 1.0 * 0.5 + 0.02 + 0.06);
    double g = Math.tanh(-0.5 * 2 + 0.6 * -3 + 1.1 * 0.5 + 0.03 - 0.07);
    double o = logistic(0.7 * 2 + 0.8 * -3 - 1.2 * 0.5 + 0.04 + 0.08);
    double c = f * -0.25 + i * g;
    Values.assertValues(last.cell(), c);
    Values.assertValues(last.hidden(), o * Math.tanh(c));
    Values.assertValues(y, o * Math.tanh(c));
  }

  private static double logistic(double z) {
    return 1 / (1 + Math.exp(-z));
  }

  @ParameterizedTest
  @MethodSource("dev.impromptu.backend.reference.LstmProblem#shapes")
  void theForwardAgreesWithCellsCalledOneByOne(LstmShape shape) {
    var problem = new LstmProblem(shape, 3);
    var out = problem.forward(true);
    int size = shape.hiddenSize();
    for (int b = 0; b < shape.batch(); b++) {
      var cells = new ArrayList<Cell>();
      for (int layer = 0; layer < shape.layers(); layer++) {
        cells.add(new Cell(problem, layer, b));
      }
      for (int t = 0; t < shape.time(); t++) {
        int from = (b * shape.time() + t) * shape.inputSize();
        var signal = Arrays.copyOfRange(read(problem.x), from, from + shape.inputSize());
        for (var cell : cells) {
          signal = cell.step(signal);
        }
        assertArrayEquals(
            signal, read(out.y().slice((b * shape.time() + t) * size, size)), 1e-12, "step " + t);
      }
      for (int layer = 0; layer < shape.layers(); layer++) {
        int at = (layer * shape.batch() + b) * size;
        assertArrayEquals(cells.get(layer).h, read(out.last().hidden().slice(at, size)), 1e-12);
        assertArrayEquals(cells.get(layer).c, read(out.last().cell().slice(at, size)), 1e-12);
      }
    }
  }

  /** An LSTM cell for one sequence, gate by gate. */
  private static final class Cell {
    final double[] wi;
    final double[] wh;
    final double[] bi;
    final double[] bh;
    double[] h;
    double[] c;

    Cell(LstmProblem problem, int layer, int sequence) {
      var weights = problem.weights.get(layer);
      wi = read(weights.inputWeight());
      wh = read(weights.hiddenWeight());
      bi = read(weights.inputBias());
      bh = read(weights.hiddenBias());
      int size = problem.shape.hiddenSize();
      int at = (layer * problem.shape.batch() + sequence) * size;
      h = read(problem.initial.hidden().slice(at, size));
      c = read(problem.initial.cell().slice(at, size));
    }

    double[] step(double[] x) {
      var nextH = new double[h.length];
      var nextC = new double[h.length];
      for (int unit = 0; unit < h.length; unit++) {
        double i = logistic(gate(0, unit, x));
        double f = logistic(gate(1, unit, x));
        double g = Math.tanh(gate(2, unit, x));
        double o = logistic(gate(3, unit, x));
        nextC[unit] = f * c[unit] + i * g;
        nextH[unit] = o * Math.tanh(nextC[unit]);
      }
      h = nextH;
      c = nextC;
      return h;
    }

    private double gate(int gate, int unit, double[] x) {
      int row = gate * h.length + unit;
      double z = bi[row] + bh[row];
      for (int j = 0; j < x.length; j++) {
        z += wi[row * x.length + j] * x[j];
      }
      for (int j = 0; j < h.length; j++) {
        z += wh[row * h.length + j] * h[j];
      }
      return z;
    }
  }

  @Test
  void anAbsentInitialStateIsZero() {
    var problem = new LstmProblem(new LstmShape(2, 3, 2, 3, 2), 9);
    var absent = problem.forward(false);
    BACKEND.fill(problem.initial.hidden(), 0);
    BACKEND.fill(problem.initial.cell(), 0);
    var zero = problem.forward(true);
    assertArrayEquals(read(zero.y()), read(absent.y()));
    assertArrayEquals(read(zero.last().cell()), read(absent.last().cell()));
  }

  @Test
  void aSequenceCutInTwoGivesTheSame() {
    var whole = new LstmProblem(new LstmShape(1, 5, 3, 2, 2), 11);
    var expected = whole.forward(true);
    var front = empty(2 * 2);
    var back = empty(3 * 2);
    var state = new LstmState(empty(4), empty(4));
    var frontShape = new LstmShape(1, 2, 3, 2, 2);
    var backShape = new LstmShape(1, 3, 3, 2, 2);
    BACKEND.lstmForward(
        frontShape,
        whole.x.slice(0, 6),
        whole.weights,
        whole.initial,
        front,
        state,
        empty(BACKEND.lstmReserve(frontShape)));
    BACKEND.lstmForward(
        backShape,
        whole.x.slice(6, 9),
        whole.weights,
        state,
        back,
        state,
        empty(BACKEND.lstmReserve(backShape)));
    assertArrayEquals(read(expected.y().slice(0, 4)), read(front));
    assertArrayEquals(read(expected.y().slice(4, 6)), read(back));
    assertArrayEquals(read(expected.last().hidden()), read(state.hidden()));
  }
}
