package dev.impromptu.backend;

/** What one element of a storage is. */
public enum DType {
  /** 32-bit floating point: values, parameters, gradients. */
  FLOAT32,
  /** 32-bit integer: token ids and other indices. */
  INT32
}
