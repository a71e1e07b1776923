package dev.impromptu.data;

import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/** Values on the host on their way to a device. */
public sealed interface HostTensor {
  /** Its sizes. */
  Shape shape();

  /** A tensor of these values. */
  Tensor on(Device device);

  /**
   * Replaces the values of a tensor that {@link #on} made of another one of this shape.
   *
   * @throws IllegalArgumentException when the shapes differ
   */
  void writeTo(Tensor tensor);

  /** Numbers. */
  record Values(Shape shape, float... values) implements HostTensor {
    @Override
    public Tensor on(Device device) {
      return Tensor.of(device, shape, values);
    }

    @Override
    public void writeTo(Tensor tensor) {
      requireShape(shape, tensor);
      tensor.device().backend().write(values, tensor.writable());
    }
  }

  /** Indices, such as token ids. */
  record Indices(Shape shape, int... values) implements HostTensor {
    @Override
    public Tensor on(Device device) {
      return Tensor.ofInts(device, shape, values);
    }

    @Override
    public void writeTo(Tensor tensor) {
      requireShape(shape, tensor);
      tensor.device().backend().write(values, tensor.writable());
    }
  }

  private static void requireShape(Shape shape, Tensor tensor) {
    if (!shape.equals(tensor.shape())) {
      throw new IllegalArgumentException(
          "HostTensor: values of %s do not fit a tensor of %s".formatted(shape, tensor.shape()));
    }
  }
}
