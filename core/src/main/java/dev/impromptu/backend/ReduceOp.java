package dev.impromptu.backend;

/** The ways to fold one axis into a single value, in a fixed order. */
public enum ReduceOp {
  /** Sum of the elements. */
  SUM,
  /** Greatest element; NaN where one is. */
  MAX,
  /** Smallest element; NaN where one is. */
  MIN
}
