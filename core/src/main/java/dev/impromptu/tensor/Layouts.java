package dev.impromptu.tensor;

import dev.impromptu.backend.BlockCopy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operations that move elements without changing them. */
final class Layouts {
  private Layouts() {}

  /** The same elements under another shape. */
  record Reshape(Shape shape) implements DifferentiableOp {
    @Override
    public String name() {
      return "reshape";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor x = inputs.getFirst();
      if (x.shape().elements() != shape.elements()) {
        throw new IllegalArgumentException(
            "reshape: %s has %d elements, but %s has %d"
                .formatted(x.shape(), x.shape().elements(), shape, shape.elements()));
      }
      return Forward.of(x.view(shape), x);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      return List.of(context.outputGradient().view(context.saved(0).shape()));
    }
  }

  /** Repeated along axes of size 1 and along new ones in front. */
  record Expand(Shape shape) implements DifferentiableOp {
    @Override
    public String name() {
      return "expand";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor x = inputs.getFirst();
      Tensor y = Primitives.expand(x, shape);
      if (!y.shape().equals(shape)) {
        throw new IllegalArgumentException(
            "expand: %s cannot be repeated to %s; counted from the end, each axis must be equal or 1"
                .formatted(x.shape(), shape));
      }
      return Forward.of(y, x);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      return List.of(Primitives.sumTo(context.outputGradient(), context.saved(0).shape()));
    }
  }

  /** Axes in another order. */
  record Permute(List<Integer> order) implements DifferentiableOp {
    /** With axes counted from the front. */
    static Permute of(Shape shape, int... order) {
      return new Permute(Arrays.stream(order).map(shape::axis).boxed().toList());
    }

    @Override
    public String name() {
      return "permute";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor x = inputs.getFirst();
      int[] sorted = order.stream().mapToInt(Integer::intValue).sorted().toArray();
      for (int i = 0; i < sorted.length || i < x.shape().rank(); i++) {
        if (sorted.length != x.shape().rank() || sorted[i] != i) {
          throw new IllegalArgumentException(
              "permute: order %s must name each axis of %s once".formatted(order, x.shape()));
        }
      }
      return Forward.of(permute(x, order.stream().mapToInt(Integer::intValue).toArray()));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      int[] inverse = new int[order.size()];
      for (int i = 0; i < inverse.length; i++) {
        inverse[order.get(i)] = i;
      }
      return List.of(permute(context.outputGradient(), inverse));
    }

    private static Tensor permute(Tensor x, int[] order) {
      int[] from = x.shape().sizes();
      int[] to = Arrays.stream(order).map(axis -> from[axis]).toArray();
      Tensor y = Tensor.empty(x.device(), x.dtype(), Shape.of(to));
      x.device().backend().permute(from, order, x.storage(), y.storage());
      return y;
    }
  }

  /** A run of one axis. */
  record Slice(int axis, int from, int to) implements DifferentiableOp {
    @Override
    public String name() {
      return "slice";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor x = inputs.getFirst();
      if (from < 0 || to > x.shape().size(axis) || from >= to) {
        throw new IllegalArgumentException(
            "slice: %d to %d is no run of axis %d of %s".formatted(from, to, axis, x.shape()));
      }
      Tensor y = Tensor.empty(x.device(), x.dtype(), x.shape().with(axis, to - from));
      copyRun(x, y, from, 0, to - from, axis);
      return Forward.of(y, x);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      Tensor dx = Tensor.zeros(context.saved(0).device(), context.saved(0).shape());
      copyRun(context.outputGradient(), dx, 0, from, to - from, axis);
      return List.of(dx);
    }
  }

  /** Tensors one behind the other. */
  record Concat(int axis) implements DifferentiableOp {
    @Override
    public String name() {
      return "concat";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Shape first = inputs.getFirst().shape();
      int length = 0;
      for (Tensor input : inputs) {
        if (input.shape().rank() != first.rank()
            || !input.shape().with(axis, 1).equals(first.with(axis, 1))) {
          throw new IllegalArgumentException(
              "concat: %s and %s differ in another axis than %d"
                  .formatted(first, input.shape(), axis));
        }
        length += input.shape().size(axis);
      }
      Tensor y =
          Tensor.empty(
              inputs.getFirst().device(), inputs.getFirst().dtype(), first.with(axis, length));
      int at = 0;
      for (Tensor input : inputs) {
        copyRun(input, y, 0, at, input.shape().size(axis), axis);
        at += input.shape().size(axis);
      }
      return new Forward(List.of(y), inputs);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      Tensor dy = context.outputGradient();
      List<@Nullable Tensor> gradients = new ArrayList<>();
      int at = 0;
      while (at < dy.shape().size(axis)) {
        Tensor input = context.saved(gradients.size());
        Tensor dx = Tensor.empty(input.device(), input.shape());
        copyRun(dy, dx, at, 0, input.shape().size(axis), axis);
        gradients.add(dx);
        at += input.shape().size(axis);
      }
      return gradients;
    }
  }

  /** Copies {@code length} steps of an axis from one place of a tensor to one of another. */
  private static void copyRun(
      Tensor source, Tensor target, int sourceStart, int targetStart, int length, int axis) {
    int at = source.shape().axis(axis);
    int inner = source.shape().product(at + 1, source.shape().rank());
    var blocks =
        new BlockCopy(
            source.shape().product(0, at),
            length * inner,
            sourceStart * inner,
            source.shape().size(at) * inner,
            targetStart * inner,
            target.shape().size(at) * inner);
    source.device().backend().copy(blocks, source.storage(), target.storage());
  }
}
