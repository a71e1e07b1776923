package dev.impromptu.backend;

/** The elementwise functions of two arguments. */
public enum BinaryOp {
  /** {@code a + b}. */
  ADD,
  /** {@code a - b}. */
  SUBTRACT,
  /** {@code a * b}. */
  MULTIPLY,
  /** {@code a / b}. */
  DIVIDE,
  /** The greater of two; NaN where one is. */
  MAXIMUM,
  /** The smaller of two; NaN where one is. */
  MINIMUM,
  /** {@code a^b}. */
  POWER,
  /** 1 where {@code a > b}, else 0. */
  GREATER,
  /** 1 where {@code a >= b}, else 0. */
  GREATER_EQUAL,
  /** 1 where {@code a == b}, else 0. */
  EQUAL,
  /** {@code a} where {@code b} is not 0, else 0, whatever {@code a} is there, NaN included. */
  KEEP
}
