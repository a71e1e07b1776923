package dev.impromptu.backend;

/** What one element of a {@link Storage} is. */
public enum DType {
  /** 32-bit floating point: values, parameters, gradients. The reference backend keeps 64 bits. */
  FLOAT32,
  /** 32-bit integer: token ids and other indices. */
  INT32
}
