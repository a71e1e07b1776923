package dev.impromptu.backend.reference;

import static dev.impromptu.backend.reference.Values.BACKEND;
import static dev.impromptu.backend.reference.Values.assertValues;
import static dev.impromptu.backend.reference.Values.empty;
import static dev.impromptu.backend.reference.Values.read;
import static dev.impromptu.backend.reference.Values.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.Broadcast;
import dev.impromptu.backend.UnaryOp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElementwiseTest {
  private static double unary(UnaryOp op, double x) {
    var y = empty(1);
    BACKEND.unary(op, values(x), y);
    return read(y)[0];
  }

  private static double slope(UnaryOp op, double x) {
    var dx = empty(1);
    BACKEND.unaryBackward(op, values(x), values(unary(op, x)), values(1), dx);
    return read(dx)[0];
  }

  @Test
  void unaryFunctionsHaveTheirValues() {
    assertEquals(-2, unary(UnaryOp.NEGATE, 2));
    assertEquals(Math.E, unary(UnaryOp.EXP, 1), 1e-15);
    assertEquals(Math.log(2), unary(UnaryOp.LOG, 2), 1e-15);
    assertEquals(3, unary(UnaryOp.SQRT, 9));
    assertEquals(Math.tanh(0.5), unary(UnaryOp.TANH, 0.5));
    assertEquals(0.75, unary(UnaryOp.SIGMOID, Math.log(3)), 1e-15);
    assertEquals(0, unary(UnaryOp.RELU, -2));
    assertEquals(2, unary(UnaryOp.RELU, 2));
  }

  @Test
  void sigmoidReachesItsEndsWithoutOverflow() {
    assertEquals(0, unary(UnaryOp.SIGMOID, -1000));
    assertEquals(1, unary(UnaryOp.SIGMOID, 1000));
  }

  @ParameterizedTest
  @EnumSource
  void derivativesAgreeWithDifferences(UnaryOp op) {
    double step = 1e-6;
    for (double x : new double[] {0.3, 1.7}) {
      double expected = (unary(op, x + step) - unary(op, x - step)) / (2 * step);
      assertEquals(expected, slope(op, x), 1e-8, op + " at " + x);
    }
  }

  @Test
  void theDerivativeOfReluIsZeroUpToZero() {
    assertEquals(0, slope(UnaryOp.RELU, -1));
    assertEquals(0, slope(UnaryOp.RELU, 0));
  }

  @Test
  void theGradientIsMultipliedIn() {
    var gradient = values(10, 100);
    BACKEND.unaryBackward(UnaryOp.EXP, values(0, 1), values(1, Math.E), gradient, gradient);
    assertValues(gradient, 10, 100 * Math.E);
  }

  @Test
  void affineScalesAndShiftsInPlace() {
    var x = values(1, -2);
    BACKEND.affine(3, 0.5, x, x);
    assertValues(x, 3.5, -5.5);
  }

  @Test
  void binaryFunctionsHaveTheirValues() {
    var same = new Broadcast(new int[] {2}, new int[] {1}, new int[] {1});
    var out = empty(2);
    BACKEND.binary(BinaryOp.ADD, same, values(1, 2), values(4, 8), out);
    assertValues(out, 5, 10);
    BACKEND.binary(BinaryOp.SUBTRACT, same, values(1, 2), values(4, 8), out);
    assertValues(out, -3, -6);
    BACKEND.binary(BinaryOp.MULTIPLY, same, values(1, 2), values(4, 8), out);
    assertValues(out, 4, 16);
    BACKEND.binary(BinaryOp.DIVIDE, same, values(1, 2), values(4, 8), out);
    assertValues(out, 0.25, 0.25);
  }

  @Test
  void binarySpreadsARowOverAMatrixInPlace() {
    var matrix = values(1, 2, 3, 4, 5, 6);
    var spread = new Broadcast(new int[] {2, 3}, new int[] {3, 1}, new int[] {0, 1});
    BACKEND.binary(BinaryOp.ADD, spread, matrix, values(10, 20, 30), matrix);
    assertValues(matrix, 11, 22, 33, 14, 25, 36);
  }

  @Test
  void binarySpreadsBothOperands() {
    // [2, 1, 2] and [3, 1] over [2, 3, 2].
    var spread = new Broadcast(new int[] {2, 3, 2}, new int[] {2, 0, 1}, new int[] {0, 1, 0});
    var out = empty(12);
    BACKEND.binary(BinaryOp.MULTIPLY, spread, values(1, 2, 3, 4), values(1, 10, 100), out);
    assertValues(out, 1, 2, 10, 20, 100, 200, 3, 4, 30, 40, 300, 400);
  }

  @Test
  void binaryOfScalarsHasNoAxes() {
    var scalar = new Broadcast(new int[0], new int[0], new int[0]);
    var out = empty(1);
    BACKEND.binary(BinaryOp.SUBTRACT, scalar, values(5), values(3), out);
    assertValues(out, 2);
  }
}
