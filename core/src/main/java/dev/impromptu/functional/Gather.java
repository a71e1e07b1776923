package dev.impromptu.functional;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.Reduction;
import dev.impromptu.tensor.DifferentiableOp;
import dev.impromptu.tensor.Op;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Elements of an axis by their indices, and sums back to such places. */
public final class Gather {
  private Gather() {}

  /**
   * {@code out[.., k, ..] = x[.., ids[.., k, ..], ..]}; PyTorch's {@code gather}.
   *
   * @param x any shape
   * @param axis the axis that ids are places of
   * @param ids INT32, of x's shape but for any size of that axis
   * @return the shape of ids
   * @throws IllegalArgumentException when the shapes or types are others
   * @throws IndexOutOfBoundsException when an id is no place of the axis
   */
  public static Tensor gather(Tensor x, int axis, Tensor ids) {
    return Tape.run(new Along(x.shape().axis(axis)), x, ids);
  }

  /**
   * A copy of x with {@code values[.., k, ..]} added at {@code x[.., ids[.., k, ..], ..]};
   * PyTorch's {@code scatter_add}. Values that meet are added in the order of k.
   *
   * @param x any shape
   * @param axis the axis that ids are places of
   * @param ids INT32, of x's shape but for any size of that axis
   * @param values the shape of ids
   */
  public static Tensor scatterAdd(Tensor x, int axis, Tensor ids, Tensor values) {
    return Tape.run(new AddAlong(x.shape().axis(axis)), x, ids, values);
  }

  /**
   * The slices of an axis with those numbers, in that order; PyTorch's {@code index_select}.
   *
   * @param ids INT32 {@code [count]}
   * @return x's shape with {@code count} for the size of the axis
   */
  public static Tensor indexSelect(Tensor x, int axis, Tensor ids) {
    int at = x.shape().axis(axis);
    Tensor rows = swapped(x, at);
    Shape shape = rows.shape();
    int width = shape.elements() / shape.size(0);
    Tensor chosen = Embedding.embedding(ids, rows.reshape(Shape.of(shape.size(0), width)));
    return swapped(chosen.reshape(shape.with(0, ids.shape().elements())), at);
  }

  /** With that axis first; one that is first already costs no copy. */
  private static Tensor swapped(Tensor x, int axis) {
    return axis == 0 ? x : x.transpose(0, axis);
  }

  /**
   * For each id a row of zeros with a 1 at its place; PyTorch's {@code one_hot}.
   *
   * @param ids INT32 {@code [...]}
   * @return {@code [..., classes]}, not tracked
   * @throws IndexOutOfBoundsException when an id is none of 0 to {@code classes - 1}
   */
  public static Tensor oneHot(Tensor ids, int classes) {
    return Tape.run(new OneHot(classes, OptionalInt.empty()), requireInts("oneHot", ids));
  }

  /** {@link #oneHot}, with a row of zeros where an id is the ignored one. */
  static Tensor oneHot(Tensor ids, int classes, int ignored) {
    return Tape.run(new OneHot(classes, OptionalInt.of(ignored)), requireInts("oneHot", ids));
  }

  private static Tensor requireInts(String name, Tensor ids) {
    if (ids.dtype() != DType.INT32) {
      throw new IllegalArgumentException(
          "%s: expected ids of INT32, but met %s %s; make them with Tensor.ofInts"
              .formatted(name, ids.dtype(), ids.shape()));
    }
    return ids;
  }

  private static Reduction check(String name, Tensor x, int axis, Tensor ids) {
    requireInts(name, ids);
    Shape shape = x.shape();
    if (ids.shape().rank() != shape.rank()
        || !ids.shape().with(axis, 1).equals(shape.with(axis, 1))) {
      throw new IllegalArgumentException(
          "%s: ids %s must have the shape of %s but for axis %d"
              .formatted(name, ids.shape(), shape, axis));
    }
    int outer = 1;
    for (int i = 0; i < axis; i++) {
      outer *= shape.size(i);
    }
    int length = shape.size(axis);
    return new Reduction(outer, length, shape.elements() / outer / length);
  }

  private record Along(int axis) implements DifferentiableOp {
    @Override
    public String name() {
      return "gather";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor x = inputs.get(0);
      Tensor ids = inputs.get(1);
      Reduction along = check("gather", x, axis, ids);
      Tensor y = Tensor.empty(x.device(), ids.shape());
      x.device().backend().gatherAlong(along, x.storage(), ids.storage(), y.storage());
      return Forward.of(y, x, ids);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      Tensor x = context.saved(0);
      Tensor ids = context.saved(1);
      Tensor dx = Tensor.zeros(x.device(), x.shape());
      x.device()
          .backend()
          .scatterAddAlong(
              check("gather", x, axis, ids),
              ids.storage(),
              context.outputGradient().storage(),
              dx.storage());
      return Arrays.asList(dx, null);
    }
  }

  private record AddAlong(int axis) implements DifferentiableOp {
    @Override
    public String name() {
      return "scatterAdd";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor x = inputs.get(0);
      Tensor ids = inputs.get(1);
      Tensor values = inputs.get(2);
      Reduction along = check("scatterAdd", x, axis, ids);
      if (!values.shape().equals(ids.shape())) {
        throw new IllegalArgumentException(
            "scatterAdd: values %s must have the shape of ids %s"
                .formatted(values.shape(), ids.shape()));
      }
      Tensor y = Tensor.empty(x.device(), x.shape());
      var backend = x.device().backend();
      backend.affine(1, -0.0, x.storage(), y.storage());
      backend.scatterAddAlong(along, ids.storage(), values.storage(), y.storage());
      return Forward.of(y, x, ids);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
      Tensor dy = context.outputGradient();
      Tensor ids = context.saved(1);
      Tensor dValues = null;
      if (context.wants(2)) {
        Reduction along = check("scatterAdd", dy, axis, ids);
        dValues = Tensor.empty(dy.device(), ids.shape());
        dy.device().backend().gatherAlong(along, dy.storage(), ids.storage(), dValues.storage());
      }
      return Arrays.asList(dy, null, dValues);
    }
  }

  private record OneHot(int classes, OptionalInt ignored) implements Op {
    @Override
    public String name() {
      return "oneHot";
    }

    @Override
    public Forward forward(List<Tensor> inputs) {
      Tensor ids = inputs.getFirst();
      Tensor y = Tensor.empty(ids.device(), ids.shape().inserting(-1, classes));
      ids.device().backend().oneHot(classes, ignored, ids.storage(), y.storage());
      return Forward.of(y);
    }
  }
}
