package dev.impromptu.backend.reference;

/** Where an operand with strides of its own stands while a shape is walked in row-major order. */
final class StridedWalk {
  private final int[] shape;
  private final int[] strides;
  private final int[] index;
  private int offset;

  StridedWalk(int[] shape, int[] strides) {
    this.shape = shape;
    this.strides = strides;
    this.index = new int[shape.length];
  }

  int offset() {
    return offset;
  }

  void advance() {
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      offset += strides[axis];
      if (++index[axis] < shape[axis]) {
        return;
      }
      offset -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }

  /** The strides of a dense row-major tensor. */
  static int[] denseStrides(int[] shape) {
    var strides = new int[shape.length];
    int stride = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    return strides;
  }
}
