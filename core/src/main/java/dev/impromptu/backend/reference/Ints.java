package dev.impromptu.backend.reference;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import java.util.Arrays;
import java.util.Objects;

/** Indices. */
final class Ints implements ReferenceStorage {
  private final int[] array;
  private final int offset;
  private final int length;

  private Ints(int[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** An index that no table has, so that whoever reads before writing finds out. */
  static Ints unwritten(int length) {
    var array = new int[length];
    Arrays.fill(array, Integer.MIN_VALUE);
    return new Ints(array, 0, length);
  }

  @Override
  public DType type() {
    return DType.INT32;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public Ints slice(int from, int count) {
    Objects.checkFromIndexSize(from, count, length);
    return new Ints(array, offset + from, count);
  }

  @Override
  public void copyTo(int from, Storage target, int to, int count) {
    var other = ReferenceStorage.ints(target);
    Objects.checkFromIndexSize(from, count, length);
    Objects.checkFromIndexSize(to, count, other.length);
    System.arraycopy(array, offset + from, other.array, other.offset + to, count);
  }

  int get(int i) {
    return array[offset + Objects.checkIndex(i, length)];
  }

  void set(int i, int value) {
    array[offset + Objects.checkIndex(i, length)] = value;
  }

  void fill(int value) {
    Arrays.fill(array, offset, offset + length, value);
  }
}
