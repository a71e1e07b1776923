package dev.impromptu.backend;

/** A contiguous run of elements in a backend's memory. Only the backend that made it can use it. */
public interface Storage {
  /** What its elements are. */
  DType type();

  /** The number of elements. */
  int length();

  /**
   * The same memory from {@code offset} on; never released by itself.
   *
   * @param offset first element, from 0
   * @param length number of elements
   * @throws IndexOutOfBoundsException when the run does not lie inside this storage
   */
  Storage slice(int offset, int length);
}
