package dev.impromptu.tensor;

import java.util.Arrays;

/**
 * The sizes of a tensor's axes, outermost first. Immutable; a scalar has no axes.
 *
 * <p>Axes may be counted from the end: {@code -1} is the last.
 */
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0]);

  private final int[] sizes;
  private final int elements;

  private Shape(int[] sizes) {
    long product = 1;
    for (int size : sizes) {
      if (size < 1) {
        throw new IllegalArgumentException(
            "Shape: "
                + Arrays.toString(sizes)
                + " has an axis of "
                + size
                + "; every axis needs 1");
      }
      product *= size;
      if (product > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "Shape: " + Arrays.toString(sizes) + " has more than 2^31 - 1 elements");
      }
    }
    this.sizes = sizes;
    this.elements = (int) product;
  }

  /**
   * A shape of the given sizes.
   *
   * @throws IllegalArgumentException when a size is below 1 or the elements are more than 2^31 - 1
   */
  public static Shape of(int... sizes) {
    return sizes.length == 0 ? SCALAR : new Shape(sizes.clone());
  }

  /** The number of axes. */
  public int rank() {
    return sizes.length;
  }

  /** The number of elements, 1 for a scalar. */
  public int elements() {
    return elements;
  }

  /**
   * The size of one axis.
   *
   * @param axis from 0, or from -1 backwards
   */
  public int size(int axis) {
    return sizes[axis(axis)];
  }

  /** All sizes, outermost first. */
  public int[] sizes() {
    return sizes.clone();
  }

  /**
   * The axis counted from the front.
   *
   * @throws IllegalArgumentException when there is no such axis
   */
  public int axis(int axis) {
    int fromFront = axis < 0 ? axis + sizes.length : axis;
    if (fromFront < 0 || fromFront >= sizes.length) {
      throw new IllegalArgumentException("Shape: " + this + " has no axis " + axis);
    }
    return fromFront;
  }

  /** The same shape with one axis of another size. */
  public Shape with(int axis, int size) {
    int[] changed = sizes.clone();
    changed[axis(axis)] = size;
    return new Shape(changed);
  }

  /** The first axes alone. */
  Shape leading(int axes) {
    return new Shape(Arrays.copyOf(sizes, axes));
  }

  /** The same shape without one axis. */
  public Shape without(int axis) {
    int gone = axis(axis);
    int[] left = new int[sizes.length - 1];
    for (int i = 0; i < left.length; i++) {
      left[i] = sizes[i < gone ? i : i + 1];
    }
    return new Shape(left);
  }

  /**
   * The same shape with an axis more.
   *
   * @param axis where it will stand, from 0 to the rank, or from -1 backwards
   */
  public Shape inserting(int axis, int size) {
    int at = axis < 0 ? axis + sizes.length + 1 : axis;
    if (at < 0 || at > sizes.length) {
      throw new IllegalArgumentException(
          "Shape: " + this + " has no place " + axis + " for an axis");
    }
    int[] more = new int[sizes.length + 1];
    System.arraycopy(sizes, 0, more, 0, at);
    more[at] = size;
    System.arraycopy(sizes, at, more, at + 1, sizes.length - at);
    return new Shape(more);
  }

  /** The product of the sizes of the axes {@code from} to {@code to - 1}. */
  int product(int from, int to) {
    int product = 1;
    for (int i = from; i < to; i++) {
      product *= sizes[i];
    }
    return product;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  @Override
  public String toString() {
    return Arrays.toString(sizes);
  }
}
