package dev.impromptu.backend.reference;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.UnaryOp;

/** The elementwise functions, one element at a time. */
final class Scalars {
  private Scalars() {}

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  static double apply(UnaryOp op, double x) {
    return switch (op) {
      case NEGATE -> -x;
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case TANH -> Math.tanh(x);
      case SIGMOID -> sigmoid(x);
      case RELU -> Math.max(x, 0);
      case ABS -> Math.abs(x);
      case SQUARE -> x * x;
      case RECIPROCAL -> 1 / x;
      case SOFTPLUS -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    };
  }

  /** The gradient of {@code x}, where {@code y} is the value and {@code dy} its gradient. */
  static double gradient(UnaryOp op, double x, double y, double dy) {
    return switch (op) {
      case NEGATE -> -dy;
      case EXP -> dy * y;
      case LOG -> dy * (1 / x);
      case SQRT -> dy * (1 / (2 * y));
      case TANH -> dy * (1 - y * y);
      case SIGMOID -> dy * (y * (1 - y));
      // No product, which would make an infinite gradient NaN where nothing passes.
      case RELU -> x > 0 ? dy : 0;
      case ABS -> dy * Math.signum(x);
      case SQUARE -> dy * (2 * x);
      case RECIPROCAL -> dy * (-y * y);
      case SOFTPLUS -> dy * sigmoid(x);
    };
  }

  static double apply(BinaryOp op, double left, double right) {
    return switch (op) {
      case ADD -> left + right;
      case SUBTRACT -> left - right;
      case MULTIPLY -> left * right;
      case DIVIDE -> left / right;
      case MAXIMUM -> Math.max(left, right);
      case MINIMUM -> Math.min(left, right);
      case POWER -> Math.pow(left, right);
      case GREATER -> left > right ? 1 : 0;
      case GREATER_EQUAL -> left >= right ? 1 : 0;
      case EQUAL -> left == right ? 1 : 0;
      case KEEP -> right != 0 ? left : 0;
    };
  }
}
