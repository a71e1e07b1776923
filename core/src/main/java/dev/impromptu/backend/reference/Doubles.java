package dev.impromptu.backend.reference;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import java.util.Arrays;
import java.util.Objects;

/** Values. Every access is checked against this run, not only against the array it lies in. */
final class Doubles implements ReferenceStorage {
  private final double[] array;
  private final int offset;
  private final int length;

  private Doubles(double[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** NaN everywhere, so that whoever reads before writing finds out. */
  static Doubles unwritten(int length) {
    var array = new double[length];
    Arrays.fill(array, Double.NaN);
    return new Doubles(array, 0, length);
  }

  static Doubles zeros(int length) {
    return new Doubles(new double[length], 0, length);
  }

  @Override
  public DType type() {
    return DType.FLOAT32;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public Doubles slice(int from, int count) {
    Objects.checkFromIndexSize(from, count, length);
    return new Doubles(array, offset + from, count);
  }

  @Override
  public void copyTo(int from, Storage target, int to, int count) {
    var other = ReferenceStorage.doubles(target);
    Objects.checkFromIndexSize(from, count, length);
    Objects.checkFromIndexSize(to, count, other.length);
    System.arraycopy(array, offset + from, other.array, other.offset + to, count);
  }

  double get(int i) {
    return array[offset + Objects.checkIndex(i, length)];
  }

  void set(int i, double value) {
    array[offset + Objects.checkIndex(i, length)] = value;
  }

  void add(int i, double value) {
    array[offset + Objects.checkIndex(i, length)] += value;
  }

  void fill(double value) {
    Arrays.fill(array, offset, offset + length, value);
  }
}
