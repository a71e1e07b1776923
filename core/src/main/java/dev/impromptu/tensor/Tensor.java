package dev.impromptu.tensor;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.UnaryOp;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A dense array of numbers on a device, and, where it was computed from tracked tensors, the record
 * of how.
 *
 * <p>A tensor belongs to the innermost {@link Scope} in which it was made and is closed with it.
 * Operations return new tensors; only optimizers change one in place. Shapes spread in binary
 * operations as in NumPy: axes are matched from the last, and an axis of size 1 repeats.
 */
public final class Tensor implements AutoCloseable {
  private static final String OWN = "own close()";

  private final Memory memory;
  private final Shape shape;
  private final boolean leaf;
  private @Nullable Node node;
  private int outputIndex;
  private String origin = "of";
  private @Nullable String closedBy;

  private Tensor(Memory memory, Shape shape, boolean leaf, Scope owner) {
    this.memory = memory;
    this.shape = shape;
    this.leaf = leaf;
    owner.adopt(this);
  }

  // Making

  /**
   * A tensor of the given values, in row-major order.
   *
   * @throws IllegalArgumentException when there are not as many values as elements
   */
  public static Tensor of(Device device, Shape shape, float... values) {
    requireCount(shape, values.length);
    Tensor tensor = empty(device, shape);
    device.backend().write(values, tensor.storage());
    return tensor;
  }

  /** A tensor of the given values; a device of 32 bits rounds them. */
  public static Tensor of(Device device, Shape shape, double... values) {
    requireCount(shape, values.length);
    Tensor tensor = empty(device, shape);
    device.backend().write(values, tensor.storage());
    return tensor;
  }

  /** A tensor of indices, such as token ids. */
  public static Tensor ofInts(Device device, Shape shape, int... values) {
    requireCount(shape, values.length);
    Tensor tensor = emptyInts(device, shape);
    device.backend().write(values, tensor.storage());
    return tensor;
  }

  /** A tensor of one value everywhere. */
  public static Tensor full(Device device, Shape shape, double value) {
    Tensor tensor = empty(device, shape);
    device.backend().fill(tensor.storage(), value);
    tensor.named("full");
    return tensor;
  }

  /** A tensor of zeros. */
  public static Tensor zeros(Device device, Shape shape) {
    return full(device, shape, 0);
  }

  /** A tensor of unspecified content, for an operation to write to. */
  public static Tensor empty(Device device, Shape shape) {
    return empty(device, DType.FLOAT32, shape);
  }

  /** A tensor of that kind of element, of unspecified content. */
  public static Tensor empty(Device device, DType type, Shape shape) {
    return allocate(device, type, shape, false, Scope.current());
  }

  /** A tensor of indices of unspecified content. */
  public static Tensor emptyInts(Device device, Shape shape) {
    return empty(device, DType.INT32, shape);
  }

  /** A tracked tensor that lasts as long as its device: what a model learns. */
  public static Tensor parameter(Device device, Shape shape, float... values) {
    requireCount(shape, values.length);
    Tensor tensor = allocate(device, DType.FLOAT32, shape, true, device.lasting());
    device.backend().write(values, tensor.storage());
    tensor.named("parameter");
    return tensor;
  }

  /** A tensor of zeros that lasts as long as its device: what an optimizer remembers. */
  public static Tensor lastingZeros(Device device, Shape shape) {
    Tensor tensor = allocate(device, DType.FLOAT32, shape, false, device.lasting());
    device.backend().fill(tensor.storage(), 0);
    tensor.named("lastingZeros");
    return tensor;
  }

  private static Tensor allocate(
      Device device, DType type, Shape shape, boolean leaf, Scope owner) {
    Storage storage = device.allocate(type, shape.elements());
    return new Tensor(new Memory(device, storage), shape, leaf, owner);
  }

  private static void requireCount(Shape shape, int count) {
    if (count != shape.elements()) {
      throw new IllegalArgumentException(
          "Tensor: shape %s holds %d elements, but %d values were given"
              .formatted(shape, shape.elements(), count));
    }
  }

  // What it is

  /** Its sizes. */
  public Shape shape() {
    return shape;
  }

  /** Where it lives. */
  public Device device() {
    return memory.device();
  }

  /** Its kind of element. */
  public DType dtype() {
    return memory.storage().type();
  }

  /** Whether operations on it are recorded: a parameter, or computed from one. */
  public boolean isTracked() {
    return leaf || node != null;
  }

  /**
   * Its memory, for an operation to work on.
   *
   * @throws IllegalStateException after it was closed
   */
  public Storage storage() {
    if (closedBy != null) {
      String mend =
          closedBy.equals(OWN) ? "close it later" : "hand it to the scope around with keep()";
      throw new IllegalStateException(
          "Tensor: %s made by '%s' was closed by its %s; %s"
              .formatted(shape, origin, closedBy, mend));
    }
    return memory.storage();
  }

  /**
   * Its memory, for new values in place of the old. What was computed from these can then no longer
   * be differentiated where it needs them.
   *
   * @throws IllegalStateException after it was closed
   */
  public Storage writable() {
    Storage storage = storage();
    memory.changed();
    return storage;
  }

  Memory memory() {
    return memory;
  }

  /** All values, in row-major order. */
  public float[] toFloatArray() {
    float[] values = new float[shape.elements()];
    requireType(DType.FLOAT32, "toIntArray()");
    device().backend().read(storage(), values);
    return values;
  }

  /** All values, in row-major order, with all digits the device keeps. */
  public double[] toDoubleArray() {
    double[] values = new double[shape.elements()];
    requireType(DType.FLOAT32, "toIntArray()");
    device().backend().read(storage(), values);
    return values;
  }

  /** All indices, in row-major order. */
  public int[] toIntArray() {
    int[] values = new int[shape.elements()];
    requireType(DType.INT32, "toFloatArray()");
    device().backend().read(storage(), values);
    return values;
  }

  private void requireType(DType expected, String mend) {
    if (dtype() != expected) {
      throw new IllegalStateException(
          "Tensor: %s holds %s; use %s".formatted(shape, dtype(), mend));
    }
  }

  /**
   * The value of a tensor of one element.
   *
   * @throws IllegalStateException when it has more
   */
  public double item() {
    if (shape.elements() != 1) {
      throw new IllegalStateException(
          "Tensor: item() needs one element, but the shape is " + shape);
    }
    return toDoubleArray()[0];
  }

  // Tracking and lifetime

  /** The same values, sharing memory, not tracked. */
  public Tensor detach() {
    return detachedIn(Scope.current());
  }

  Tensor detachedIn(Scope scope) {
    storage();
    Tensor detached = new Tensor(memory.share(), shape, false, scope);
    detached.named(origin);
    return detached;
  }

  /** The same values, sharing memory, tracked: {@link Gradients} will have an entry for it. */
  public Tensor tracked() {
    storage();
    return new Tensor(memory.share(), shape, true, Scope.current());
  }

  /** The same memory under another shape, for an operation to return. */
  Tensor view(Shape newShape) {
    storage();
    return new Tensor(memory.share(), newShape, false, Scope.current());
  }

  /**
   * A copy on a device, which may be its own, not tracked.
   *
   * @throws IllegalStateException when this is tracked and recorded: the copy would lose its
   *     gradient
   */
  public Tensor to(Device target) {
    if (isTracked() && Scope.isRecording()) {
      throw new IllegalStateException(
          "to: %s is tracked, and a copy on %s would lose its gradient; call detach() on it first"
              .formatted(shape, target));
    }
    return dtype() == DType.INT32
        ? ofInts(target, shape, toIntArray())
        : of(target, shape, toDoubleArray());
  }

  /** Gives its memory back before its scope closes. */
  @Override
  public void close() {
    close(OWN);
  }

  void close(String by) {
    if (closedBy == null) {
      closedBy = by;
      node = null;
      memory.close();
    }
  }

  boolean isClosed() {
    return closedBy != null;
  }

  @Nullable Node node() {
    return node;
  }

  int outputIndex() {
    return outputIndex;
  }

  void madeBy(Node maker, int index) {
    node = maker;
    outputIndex = index;
  }

  void named(String op) {
    origin = op;
  }

  /**
   * The gradients of this single number with respect to every tracked tensor it depends on.
   *
   * @throws IllegalArgumentException when it is not a single number
   * @throws IllegalStateException when it depends on no tracked tensor
   */
  public Gradients backward() {
    return Tape.backward(this);
  }

  // Elementwise

  /** {@code this + other}. */
  public Tensor plus(Tensor other) {
    return Tape.run(new Primitives.Binary(BinaryOp.ADD), this, other);
  }

  /** {@code this - other}. */
  public Tensor minus(Tensor other) {
    return Tape.run(new Primitives.Binary(BinaryOp.SUBTRACT), this, other);
  }

  /** {@code this * other}, element by element. */
  public Tensor times(Tensor other) {
    return Tape.run(new Primitives.Binary(BinaryOp.MULTIPLY), this, other);
  }

  /** {@code this / other}, element by element. */
  public Tensor dividedBy(Tensor other) {
    return Tape.run(new Primitives.Binary(BinaryOp.DIVIDE), this, other);
  }

  /** {@code this + shift}. */
  public Tensor plus(double shift) {
    return Tape.run(new Primitives.Affine(1, shift), this);
  }

  /** {@code this - shift}. */
  public Tensor minus(double shift) {
    return plus(-shift);
  }

  /** {@code this * scale}. */
  public Tensor times(double scale) {
    return Tape.run(new Primitives.Affine(scale, 0), this);
  }

  /** {@code this / divisor}, by way of its reciprocal. */
  public Tensor dividedBy(double divisor) {
    return times(1 / divisor);
  }

  /** {@code -this}. */
  public Tensor negate() {
    return Tape.run(new Primitives.Unary(UnaryOp.NEGATE), this);
  }

  /** {@code e^this}. */
  public Tensor exp() {
    return Tape.run(new Primitives.Unary(UnaryOp.EXP), this);
  }

  /** Natural logarithm. */
  public Tensor log() {
    return Tape.run(new Primitives.Unary(UnaryOp.LOG), this);
  }

  /** Square root. */
  public Tensor sqrt() {
    return Tape.run(new Primitives.Unary(UnaryOp.SQRT), this);
  }

  /** Hyperbolic tangent. */
  public Tensor tanh() {
    return Tape.run(new Primitives.Unary(UnaryOp.TANH), this);
  }

  /** Logistic function. */
  public Tensor sigmoid() {
    return Tape.run(new Primitives.Unary(UnaryOp.SIGMOID), this);
  }

  /** {@code max(this, 0)}. */
  public Tensor relu() {
    return Tape.run(new Primitives.Unary(UnaryOp.RELU), this);
  }

  /** {@code |this|}. */
  public Tensor abs() {
    return Tape.run(new Primitives.Unary(UnaryOp.ABS), this);
  }

  /** {@code this^2}. */
  public Tensor square() {
    return Tape.run(new Primitives.Unary(UnaryOp.SQUARE), this);
  }

  /** {@code 1 / this}. */
  public Tensor reciprocal() {
    return Tape.run(new Primitives.Unary(UnaryOp.RECIPROCAL), this);
  }

  /** {@code log(1 + e^this)}, without overflow. */
  public Tensor softplus() {
    return Tape.run(new Primitives.Unary(UnaryOp.SOFTPLUS), this);
  }

  /** {@code this^exponent}, element by element; NaN for a negative one to a fraction. */
  public Tensor pow(Tensor exponent) {
    return Tape.run(new Primitives.Binary(BinaryOp.POWER), this, exponent);
  }

  /** {@code this^exponent}. */
  public Tensor pow(double exponent) {
    return pow(full(device(), Shape.of(), exponent));
  }

  /** The greater of the two; equals share the gradient. */
  public Tensor maximum(Tensor other) {
    return Tape.run(new Primitives.Binary(BinaryOp.MAXIMUM), this, other);
  }

  /** The smaller of the two; equals share the gradient. */
  public Tensor minimum(Tensor other) {
    return Tape.run(new Primitives.Binary(BinaryOp.MINIMUM), this, other);
  }

  /**
   * Held between two limits; the gradient passes where neither cuts.
   *
   * @throws IllegalArgumentException when low is above high
   */
  public Tensor clamp(double low, double high) {
    if (!(low <= high)) {
      throw new IllegalArgumentException(
          "clamp: low %s must be at most high %s".formatted(low, high));
    }
    return Tape.run(new Primitives.Clamp(low, high), this);
  }

  // Reductions

  /** The sum of one axis, which disappears. */
  public Tensor sum(int axis) {
    return Tape.run(new Reductions.Sum(axis), this);
  }

  /** The sum of all elements, a scalar. */
  public Tensor sum() {
    return reshape(Shape.of(shape.elements())).sum(0);
  }

  /** The mean of one axis, which disappears. */
  public Tensor mean(int axis) {
    return sum(axis).times(1.0 / shape.size(axis));
  }

  /** The mean of all elements, a scalar. */
  public Tensor mean() {
    return sum().times(1.0 / shape.elements());
  }

  /** The greatest element along one axis, which disappears; equals share the gradient. */
  public Tensor max(int axis) {
    return Tape.run(new Reductions.Extreme(ReduceOp.MAX, axis), this);
  }

  /** The smallest element along one axis, which disappears; equals share the gradient. */
  public Tensor min(int axis) {
    return Tape.run(new Reductions.Extreme(ReduceOp.MIN, axis), this);
  }

  /** The index of the greatest element of the last axis, the first of equals. No gradient. */
  public Tensor argMax() {
    return Tape.run(new Reductions.ArgMax(), this);
  }

  // Shapes

  /**
   * The same elements under another shape.
   *
   * @throws IllegalArgumentException when it has another number of elements
   */
  public Tensor reshape(Shape newShape) {
    return Tape.run(new Layouts.Reshape(newShape), this);
  }

  /** The same elements with an axis of size 1 more, before what was axis {@code axis}. */
  public Tensor unsqueeze(int axis) {
    return reshape(shape.inserting(axis, 1));
  }

  /**
   * The same elements without an axis of size 1.
   *
   * @throws IllegalArgumentException when it has another size
   */
  public Tensor squeeze(int axis) {
    if (shape.size(axis) != 1) {
      throw new IllegalArgumentException(
          "squeeze: axis %d of %s has size %d; only an axis of size 1 can go"
              .formatted(axis, shape, shape.size(axis)));
    }
    return reshape(shape.without(axis));
  }

  /** Repeated to a larger shape as in binary operations; the gradient is summed back. */
  public Tensor expand(Shape larger) {
    return Tape.run(new Layouts.Expand(larger), this);
  }

  /** Two axes in exchange. */
  public Tensor transpose(int first, int second) {
    int[] order = IntStream.range(0, shape.rank()).toArray();
    order[shape.axis(first)] = shape.axis(second);
    order[shape.axis(second)] = shape.axis(first);
    return permute(order);
  }

  /** Axes in another order: axis {@code i} of the result is axis {@code order[i]} of this. */
  public Tensor permute(int... order) {
    return Tape.run(Layouts.Permute.of(shape, order), this);
  }

  /** The elements {@code from} to {@code to - 1} of one axis. */
  public Tensor slice(int axis, int from, int to) {
    return Tape.run(new Layouts.Slice(axis, from, to), this);
  }

  /**
   * One element of an axis, which disappears.
   *
   * @param index from 0, or from -1 backwards
   */
  public Tensor select(int axis, int index) {
    int fromFront = index < 0 ? index + shape.size(axis) : index;
    return slice(axis, fromFront, fromFront + 1).reshape(shape.without(axis));
  }

  /** The tensors one behind the other along an axis; all other sizes are equal. */
  public static Tensor concat(int axis, Tensor... tensors) {
    if (tensors.length == 0) {
      throw new IllegalArgumentException("concat: expected at least one tensor, met none");
    }
    return Tape.run(new Layouts.Concat(axis), tensors);
  }

  /** The tensors, all of one shape, one behind the other along a new axis. */
  public static Tensor stack(int axis, Tensor... tensors) {
    Tensor[] wider =
        Arrays.stream(tensors).map(each -> each.unsqueeze(axis)).toArray(Tensor[]::new);
    return concat(axis, wider);
  }

  // Products

  /**
   * The matrix product {@code [m, k] x [k, n]}, or a batch {@code [..., m, k] x [..., k, n]} with
   * the same axes in front of both.
   */
  public Tensor matmul(Tensor other) {
    return Tape.run(new Products.MatmulOp(false, false), this, other);
  }

  /** The matrix product with the other transposed: {@code [m, k] x [n, k] -> [m, n]}. */
  public Tensor matmulTransposed(Tensor other) {
    return Tape.run(new Products.MatmulOp(false, true), this, other);
  }

  @Override
  public String toString() {
    String head = "Tensor" + shape + " on " + device() + " by " + origin;
    if (closedBy != null) {
      return head + " (closed)";
    }
    return head + " " + TensorSummary.of(this);
  }
}
