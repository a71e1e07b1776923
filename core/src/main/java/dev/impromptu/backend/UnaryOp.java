package dev.impromptu.backend;

/** The elementwise functions of one argument. */
public enum UnaryOp {
  /** {@code -x}. */
  NEGATE,
  /** {@code e^x}. */
  EXP,
  /** Natural logarithm. */
  LOG,
  /** Square root. */
  SQRT,
  /** Hyperbolic tangent. */
  TANH,
  /** Logistic function {@code 1 / (1 + e^-x)}. */
  SIGMOID,
  /** {@code max(x, 0)}; its derivative at 0 is 0, as in PyTorch. */
  RELU,
  /** {@code |x|}; its derivative at 0 is 0, as in PyTorch. */
  ABS,
  /** {@code x^2}. */
  SQUARE,
  /** {@code 1 / x}. */
  RECIPROCAL,
  /** {@code log(1 + e^x)}, without overflow. */
  SOFTPLUS
}
