package dev.impromptu.tensor;

import dev.impromptu.backend.Matmul;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The matrix product. */
final class Products {
  private Products() {}

  /** {@code op(A) op(B)} for matrices or batches of matrices. */
  record MatmulOp(boolean transposeLeft, boolean transposeRight) implements DifferentiableOp {
    @Override
    public String name() {
      return "matmul";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor a = inputs.get(0);
      Tensor b = inputs.get(1);
      return Forward.of(product(a, b, transposeLeft, transposeRight), a, b);
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
            transposeLeft
                ? product(b, dy, transposeRight, true)
                : product(dy, b, false, !transposeRight);
      }
      if (context.wants(1)) {
        db =
            transposeRight
                ? product(dy, a, true, transposeLeft)
                : product(a, dy, !transposeLeft, false);
      }
      return Arrays.asList(da, db);
    }
  }

  private static Tensor product(Tensor a, Tensor b, boolean transposeLeft, boolean transposeRight) {
    Shape left = a.shape();
    Shape right = b.shape();
    int axes = left.rank() - 2;
    if (axes < 0
        || right.rank() != left.rank()
        || !left.leading(axes).equals(right.leading(axes))) {
      throw mismatch(left, right, transposeLeft, transposeRight);
    }
    int m = left.size(transposeLeft ? -1 : -2);
    int k = left.size(transposeLeft ? -2 : -1);
    int n = right.size(transposeRight ? -2 : -1);
    if (k != right.size(transposeRight ? -1 : -2)) {
      throw mismatch(left, right, transposeLeft, transposeRight);
    }
    Tensor y = Tensor.empty(a.device(), left.with(-2, m).with(-1, n));
    var matmul = new Matmul(left.product(0, axes), m, n, k, transposeLeft, transposeRight);
    a.device().backend().matmul(matmul, a.storage(), b.storage(), y.storage());
    return y;
  }

  private static IllegalArgumentException mismatch(
      Shape left, Shape right, boolean transposeLeft, boolean transposeRight) {
    return new IllegalArgumentException(
        "matmul: %s%s x %s%s do not fit; expected [m, k] x [k, n], or the same with equal axes in front of both"
            .formatted(
                left,
                transposeLeft ? " (transposed)" : "",
                right,
                transposeRight ? " (transposed)" : ""));
  }
}
