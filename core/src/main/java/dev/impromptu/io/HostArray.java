package dev.impromptu.io;

import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A dense row-major array of any rank in Java's own memory, as files hold it. The shape {@code []}
 * means one value; a dimension may be 0.
 *
 * <p>The values are shared with whoever made the array, never copied. Arrays are equal if kind,
 * shape and every bit are ({@code NaN} equals {@code NaN}, 0 differs from -0).
 */
public sealed interface HostArray {
  /** {@return the dimensions, outermost first} */
  List<Integer> shape();

  /** {@return how many values there are} */
  int size();

  /**
   * Wraps 32-bit floating-point values.
   *
   * @param values in row-major order
   * @param shape whose product is the number of values
   * @return the array around the values
   * @throws IllegalArgumentException if it is not
   */
  static Floats of(float[] values, int... shape) {
    return new Floats(list(shape), values);
  }

  /**
   * Wraps 64-bit floating-point values.
   *
   * @param values in row-major order
   * @param shape whose product is the number of values
   * @return the array around the values
   * @throws IllegalArgumentException if it is not
   */
  static Doubles of(double[] values, int... shape) {
    return new Doubles(list(shape), values);
  }

  /**
   * Wraps 32-bit integers.
   *
   * @param values in row-major order
   * @param shape whose product is the number of values
   * @return the array around the values
   * @throws IllegalArgumentException if it is not
   */
  static Ints of(int[] values, int... shape) {
    return new Ints(list(shape), values);
  }

  /**
   * Wraps 64-bit integers.
   *
   * @param values in row-major order
   * @param shape whose product is the number of values
   * @return the array around the values
   * @throws IllegalArgumentException if it is not
   */
  static Longs of(long[] values, int... shape) {
    return new Longs(list(shape), values);
  }

  /**
   * Copies the values of a tensor: Floats, or Ints where it holds indices.
   *
   * @param tensor on any device
   * @return its values, rounded to 32 bits where the device keeps more digits
   */
  static HostArray of(Tensor tensor) {
    int[] shape = tensor.shape().sizes();
    return switch (tensor.dtype()) {
      case FLOAT32 -> of(tensor.toFloatArray(), shape);
      case INT32 -> of(tensor.toIntArray(), shape);
    };
  }

  /**
   * {@return a tensor of these values; where the device has 32 bits, numbers are rounded to them}
   *
   * @param device where to
   * @throws IllegalArgumentException if an integer does not fit 32 bits
   */
  default Tensor on(Device device) {
    Shape shape = Shape.of(shape().stream().mapToInt(Integer::intValue).toArray());
    return switch (this) {
      case Floats(var _, var values) -> Tensor.of(device, shape, values);
      case Doubles(var _, var values) -> Tensor.of(device, shape, values);
      case Ints(var _, var values) -> Tensor.ofInts(device, shape, values);
      case Longs(var _, var values) -> Tensor.ofInts(device, shape, narrowed(values));
    };
  }

  private static int[] narrowed(long[] values) {
    int[] narrow = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (int) values[i];
      if (narrow[i] != values[i]) {
        throw new IllegalArgumentException(
            "HostArray: element %d is %d, but a tensor's indices have 32 bits"
                .formatted(i, values[i]));
      }
    }
    return narrow;
  }

  private static List<Integer> list(int[] shape) {
    return Arrays.stream(shape).boxed().toList();
  }

  private static List<Integer> checked(List<Integer> shape, int length) {
    long product = 1;
    for (int dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "HostArray: shape " + shape + " must not hold a negative dimension");
      }
      // Beyond any array's length already: the exact product no longer matters, only a later 0.
      product = Math.min(product * dimension, Integer.MAX_VALUE + 1L);
    }
    if (product != length) {
      throw new IllegalArgumentException(
          "HostArray: shape " + shape + " does not fit " + length + " values");
    }
    return List.copyOf(shape);
  }

  /**
   * 32-bit floating-point values.
   *
   * @param shape the dimensions
   * @param values in row-major order
   */
  record Floats(List<Integer> shape, float[] values) implements HostArray {
    /**
     * Checks the shape.
     *
     * @throws IllegalArgumentException if its product is not the number of values
     */
    public Floats {
      shape = checked(shape, values.length);
    }

    @Override
    public int size() {
      return values.length;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Floats(var otherShape, var otherValues)
          && shape.equals(otherShape)
          && Arrays.equals(values, otherValues);
    }

    @Override
    public int hashCode() {
      return 31 * shape.hashCode() + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
      return "Floats" + shape;
    }
  }

  /**
   * 64-bit floating-point values.
   *
   * @param shape the dimensions
   * @param values in row-major order
   */
  record Doubles(List<Integer> shape, double[] values) implements HostArray {
    /**
     * Checks the shape.
     *
     * @throws IllegalArgumentException if its product is not the number of values
     */
    public Doubles {
      shape = checked(shape, values.length);
    }

    @Override
    public int size() {
      return values.length;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Doubles(var otherShape, var otherValues)
          && shape.equals(otherShape)
          && Arrays.equals(values, otherValues);
    }

    @Override
    public int hashCode() {
      return 31 * shape.hashCode() + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
      return "Doubles" + shape;
    }
  }

  /**
   * 32-bit integers.
   *
   * @param shape the dimensions
   * @param values in row-major order
   */
  record Ints(List<Integer> shape, int[] values) implements HostArray {
    /**
     * Checks the shape.
     *
     * @throws IllegalArgumentException if its product is not the number of values
     */
    public Ints {
      shape = checked(shape, values.length);
    }

    @Override
    public int size() {
      return values.length;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Ints(var otherShape, var otherValues)
          && shape.equals(otherShape)
          && Arrays.equals(values, otherValues);
    }

    @Override
    public int hashCode() {
      return 31 * shape.hashCode() + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
      return "Ints" + shape;
    }
  }

  /**
   * 64-bit integers.
   *
   * @param shape the dimensions
   * @param values in row-major order
   */
  record Longs(List<Integer> shape, long[] values) implements HostArray {
    /**
     * Checks the shape.
     *
     * @throws IllegalArgumentException if its product is not the number of values
     */
    public Longs {
      shape = checked(shape, values.length);
    }

    @Override
    public int size() {
      return values.length;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Longs(var otherShape, var otherValues)
          && shape.equals(otherShape)
          && Arrays.equals(values, otherValues);
    }

    @Override
    public int hashCode() {
      return 31 * shape.hashCode() + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
      return "Longs" + shape;
    }
  }
}
