package dev.impromptu.tensor;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.Broadcast;
import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import dev.impromptu.backend.UnaryOp;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The elementwise operations and how shapes spread in them. */
final class Primitives {
  private Primitives() {}

  /** {@code y = f(x)}. */
  record Unary(UnaryOp op) implements DifferentiableOp {
    @Override
    public String name() {
      return op.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor x = inputs.getFirst();
      Tensor y = Tensor.empty(x.device(), x.shape());
      x.device().backend().unary(op, x.storage(), y.storage());
      return Forward.of(y, x, y);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      Tensor x = context.saved(0);
      Tensor dy = context.outputGradient();
      Tensor dx = Tensor.empty(x.device(), x.shape());
      x.device()
          .backend()
          .unaryBackward(op, x.storage(), context.saved(1).storage(), dy.storage(), dx.storage());
      return List.of(dx);
    }
  }

  /** {@code y = scale x + shift}. */
  record Affine(double scale, double shift) implements DifferentiableOp {
    @Override
    public String name() {
      return "affine";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      return Forward.of(affine(scale, shift, inputs.getFirst()));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      return List.of(affine(scale, 0, context.outputGradient()));
    }
  }

  /** {@code y = a op b}, both spread to a common shape. */
  record Binary(BinaryOp op) implements DifferentiableOp {
    @Override
    public String name() {
      return op.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor a = inputs.get(0);
      Tensor b = inputs.get(1);
      Tensor y = elementwise(op, a, b);
      return Forward.of(y, a, b, y);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      Tensor a = context.saved(0);
      Tensor b = context.saved(1);
      Tensor dy = context.outputGradient();
      Tensor da = null;
      Tensor db = null;
      if (context.wants(0)) {
        da =
            switch (op) {
              case ADD, SUBTRACT -> dy;
              case MULTIPLY -> elementwise(BinaryOp.MULTIPLY, dy, b);
              case DIVIDE -> elementwise(BinaryOp.DIVIDE, dy, b);
              case MAXIMUM, MINIMUM -> shareOf(a, b, context.saved(2), dy);
              case POWER -> {
                Tensor below = elementwise(BinaryOp.POWER, a, affine(1, -1, b));
                Tensor slope = elementwise(BinaryOp.MULTIPLY, b, below);
                // The slope of a^0 is 0, also where 0^-1 or the gradient is not finite.
                yield elementwise(BinaryOp.KEEP, elementwise(BinaryOp.MULTIPLY, dy, slope), b);
              }
              case KEEP -> elementwise(BinaryOp.KEEP, dy, b);
              case GREATER, GREATER_EQUAL, EQUAL -> throw withoutGradient(op);
            };
        da = sumTo(da, a.shape());
      }
      if (context.wants(1)) {
        db =
            switch (op) {
              case ADD -> dy;
              case SUBTRACT -> affine(-1, 0, dy);
              case MULTIPLY -> elementwise(BinaryOp.MULTIPLY, dy, a);
              case DIVIDE -> {
                Tensor quotient = elementwise(BinaryOp.DIVIDE, context.saved(2), b);
                yield affine(-1, 0, elementwise(BinaryOp.MULTIPLY, dy, quotient));
              }
              case MAXIMUM, MINIMUM -> shareOf(b, a, context.saved(2), dy);
              case POWER -> {
                Tensor growth = elementwise(BinaryOp.MULTIPLY, context.saved(2), log(a));
                // 0^b stays 0 around a positive b, though log(0) or the gradient is not finite.
                yield elementwise(BinaryOp.KEEP, elementwise(BinaryOp.MULTIPLY, dy, growth), a);
              }
              case KEEP, GREATER, GREATER_EQUAL, EQUAL -> throw withoutGradient(op);
            };
        db = sumTo(db, b.shape());
      }
      return Arrays.asList(da, db);
    }
  }

  private static IllegalStateException withoutGradient(BinaryOp op) {
    return new IllegalStateException(op + " is a step: run it as a Comparison, or on a mask");
  }

  /** What the chosen of two gets; equals share it, as in PyTorch. */
  private static Tensor shareOf(Tensor mine, Tensor other, Tensor chosen, Tensor dy) {
    Tensor equals = elementwise(BinaryOp.EQUAL, mine, other);
    Tensor share = affine(-0.5, 1, equals);
    Tensor mineChosen = elementwise(BinaryOp.EQUAL, mine, chosen);
    return elementwise(BinaryOp.MULTIPLY, elementwise(BinaryOp.KEEP, dy, mineChosen), share);
  }

  private static Tensor log(Tensor x) {
    Tensor y = Tensor.empty(x.device(), x.shape());
    x.device().backend().unary(UnaryOp.LOG, x.storage(), y.storage());
    return y;
  }

  /** {@code min(max(x, low), high)}. */
  record Clamp(double low, double high) implements DifferentiableOp {
    @Override
    public String name() {
      return "clamp";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor x = inputs.getFirst();
      Tensor raised = elementwise(BinaryOp.MAXIMUM, x, limit(x, low));
      return Forward.of(elementwise(BinaryOp.MINIMUM, raised, limit(x, high)), x);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      Tensor x = context.saved(0);
      Tensor above = elementwise(BinaryOp.GREATER_EQUAL, x, limit(x, low));
      Tensor below = elementwise(BinaryOp.GREATER_EQUAL, limit(x, high), x);
      Tensor dy = elementwise(BinaryOp.KEEP, context.outputGradient(), above);
      return List.of(elementwise(BinaryOp.KEEP, dy, below));
    }

    private static Tensor limit(Tensor x, double value) {
      return Tensor.full(x.device(), Shape.of(), value);
    }
  }

  /** 1 where a relation holds, else 0: a mask, which has no gradient. */
  record Comparison(BinaryOp op) implements Op {
    @Override
    public String name() {
      return op.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      return Forward.of(elementwise(op, inputs.get(0), inputs.get(1)));
    }
  }

  static Tensor affine(double scale, double shift, Tensor x) {
    Tensor y = Tensor.empty(x.device(), x.shape());
    x.device().backend().affine(scale, shift, x.storage(), y.storage());
    return y;
  }

  static Tensor elementwise(BinaryOp op, Tensor a, Tensor b) {
    Shape shape = spread(op, a.shape(), b.shape());
    Tensor y = Tensor.empty(a.device(), shape);
    var broadcast =
        new Broadcast(shape.sizes(), strides(a.shape(), shape), strides(b.shape(), shape));
    a.device().backend().binary(op, broadcast, a.storage(), b.storage(), y.storage());
    return y;
  }

  /** Repeats a tensor to a larger shape. */
  static Tensor expand(Tensor x, Shape shape) {
    return elementwise(BinaryOp.ADD, x, Tensor.zeros(x.device(), shape));
  }

  /** Sums what {@link #spread} repeated, so that a gradient gets its operand's shape. */
  static Tensor sumTo(Tensor gradient, Shape target) {
    Tensor result = gradient;
    int extra = gradient.shape().rank() - target.rank();
    if (extra > 0) {
      int repeated = gradient.shape().product(0, extra);
      result =
          reduce(
              result,
              new Reduction(1, repeated, target(gradient, extra).elements()),
              target(gradient, extra));
    }
    for (int axis = 0; axis < target.rank(); axis++) {
      if (target.size(axis) == 1 && result.shape().size(axis) > 1) {
        Shape from = result.shape();
        var reduction =
            new Reduction(
                from.product(0, axis), from.size(axis), from.product(axis + 1, from.rank()));
        result = reduce(result, reduction, from.with(axis, 1));
      }
    }
    return result;
  }

  private static Shape target(Tensor gradient, int extra) {
    int[] sizes = gradient.shape().sizes();
    return Shape.of(Arrays.copyOfRange(sizes, extra, sizes.length));
  }

  private static Tensor reduce(Tensor x, Reduction reduction, Shape shape) {
    Tensor y = Tensor.empty(x.device(), shape);
    x.device().backend().reduce(ReduceOp.SUM, reduction, x.storage(), y.storage());
    return y;
  }

  private static Shape spread(BinaryOp op, Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] sizes = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int left = i <= a.rank() ? a.size(-i) : 1;
      int right = i <= b.rank() ? b.size(-i) : 1;
      if (left != right && left != 1 && right != 1) {
        throw new IllegalArgumentException(
            ("%s: shapes %s and %s do not fit: counted from the end, axis %d is %d and %d; they"
                    + " must be equal or 1")
                .formatted(op.name().toLowerCase(Locale.ROOT), a, b, i, left, right));
      }
      sizes[rank - i] = Math.max(left, right);
    }
    return Shape.of(sizes);
  }

  private static int[] strides(Shape operand, Shape result) {
    int[] strides = new int[result.rank()];
    int stride = 1;
    for (int i = 1; i <= operand.rank(); i++) {
      strides[result.rank() - i] = operand.size(-i) == 1 ? 0 : stride;
      stride *= operand.size(-i);
    }
    return strides;
  }
}
