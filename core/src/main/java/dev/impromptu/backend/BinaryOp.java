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
  DIVIDE
}
