package dev.impromptu.functional;

import dev.impromptu.backend.DType;
import dev.impromptu.tensor.DifferentiableOp;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of a table by their ids; PyTorch's {@code functional.embedding}. */
public record Embedding() implements DifferentiableOp {
  /**
   * Looks ids up.
   *
   * @param ids indices of any shape {@code [...]}
   * @param table {@code [rows, width]}
   * @return {@code [..., width]}
   * @throws IllegalArgumentException when the types or shapes are others
   * @throws IndexOutOfBoundsException when an id has no row
   */
  public static Tensor embedding(Tensor ids, Tensor table) {
    return Tape.run(new Embedding(), ids, table);
  }

  @Override
  public String name() {
    return "embedding";
  }

  @Override
  public Forward forward(List<Tensor> inputs) {
    Tensor ids = inputs.get(0);
    Tensor table = inputs.get(1);
    if (ids.dtype() != DType.INT32 || table.shape().rank() != 2) {
      throw new IllegalArgumentException(
          "embedding: expected ids of INT32 and a table [rows, width], but met %s %s and %s"
              .formatted(ids.dtype(), ids.shape(), table.shape()));
    }
    int width = table.shape().size(1);
    int[] sizes = Arrays.copyOf(ids.shape().sizes(), ids.shape().rank() + 1);
    sizes[sizes.length - 1] = width;
    Tensor y = Tensor.empty(table.device(), Shape.of(sizes));
    table.device().backend().gatherRows(width, table.storage(), ids.storage(), y.storage());
    return Forward.of(y, ids, table);
  }

  @Override
  public List<@Nullable Tensor> backward(Backward context) {
    Tensor ids = context.saved(0);
    Tensor table = context.saved(1);
    Tensor dy = context.outputGradient();
    Tensor dTable = Tensor.zeros(table.device(), table.shape());
    table
        .device()
        .backend()
        .scatterAddRows(table.shape().size(1), ids.storage(), dy.storage(), dTable.storage());
    return Arrays.asList(null, dTable);
  }
}
