package dev.impromptu.tensor;

import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The operations that fold an axis. */
final class Reductions {
  private Reductions() {}

  /** The sum of one axis. */
  record Sum(int axis) implements DifferentiableOp {
    @Override
    public String name() {
      return "sum";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor x = inputs.getFirst();
      return Forward.of(fold(ReduceOp.SUM, x, axis), x);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      Shape shape = context.saved(0).shape();
      Tensor dy = context.outputGradient().view(shape.with(axis, 1));
      return List.of(Primitives.expand(dy, shape));
    }
  }

  /** The greatest or smallest element of one axis; equals share the gradient, as in PyTorch. */
  record Extreme(ReduceOp op, int axis) implements DifferentiableOp {
    @Override
    public String name() {
      return op.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor x = inputs.getFirst();
      Tensor y = fold(op, x, axis);
      return Forward.of(y, x, y);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      Tensor x = context.saved(0);
      Shape spread = x.shape().with(axis, 1);
      Tensor chosen = Primitives.elementwise(BinaryOp.EQUAL, x, context.saved(1).view(spread));
      Tensor count = fold(ReduceOp.SUM, chosen, axis).view(spread);
      Tensor share =
          Primitives.elementwise(BinaryOp.DIVIDE, context.outputGradient().view(spread), count);
      return List.of(Primitives.elementwise(BinaryOp.MULTIPLY, chosen, share));
    }
  }

  /** The index of the greatest element of the last axis. */
  record ArgMax() implements Op {
    @Override
    public String name() {
      return "argMax";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor x = inputs.getFirst();
      Tensor indices = Tensor.emptyInts(x.device(), x.shape().without(-1));
      x.device().backend().argMax(x.shape().size(-1), x.storage(), indices.storage());
      return Forward.of(indices);
    }
  }

  private static Tensor fold(ReduceOp op, Tensor x, int axis) {
    Shape shape = x.shape();
    int folded = shape.axis(axis);
    Tensor y = Tensor.empty(x.device(), shape.without(axis));
    var reduction =
        new Reduction(
            shape.product(0, folded), shape.size(folded), shape.product(folded + 1, shape.rank()));
    x.device().backend().reduce(op, reduction, x.storage(), y.storage());
    return y;
  }
}
