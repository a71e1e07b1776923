package dev.impromptu.tensor;

import dev.impromptu.backend.BinaryOp;

/**
 * Comparisons, and choices by them. A mask holds 1 where something is so and 0 elsewhere; its shape
 * spreads with others as in binary operations, and it is never tracked: a step has no slope.
 */
public final class Masks {
  private Masks() {}

  /** 1 where {@code a > b}, else 0; NaN is greater than nothing. */
  public static Tensor greater(Tensor a, Tensor b) {
    return compare(BinaryOp.GREATER, a, b);
  }

  /** 1 where {@code a >= b}, else 0. */
  public static Tensor greaterOrEqual(Tensor a, Tensor b) {
    return compare(BinaryOp.GREATER_EQUAL, a, b);
  }

  /** 1 where {@code a < b}, else 0. */
  public static Tensor less(Tensor a, Tensor b) {
    return compare(BinaryOp.GREATER, b, a);
  }

  /** 1 where {@code a <= b}, else 0. */
  public static Tensor lessOrEqual(Tensor a, Tensor b) {
    return compare(BinaryOp.GREATER_EQUAL, b, a);
  }

  /** 1 where {@code a == b}, else 0; NaN equals nothing. */
  public static Tensor equal(Tensor a, Tensor b) {
    return compare(BinaryOp.EQUAL, a, b);
  }

  /** 1 where a mask is 0, else 0. */
  public static Tensor not(Tensor mask) {
    return equal(mask, Tensor.zeros(mask.device(), Shape.of()));
  }

  private static Tensor compare(BinaryOp op, Tensor a, Tensor b) {
    return Tape.run(new Primitives.Comparison(op), a.detach(), b.detach());
  }

  /**
   * {@code x} where a mask is not 0, else 0, whatever stands there: NaN and infinity go too.
   *
   * @param mask of a shape that spreads together with that of x
   */
  public static Tensor keep(Tensor x, Tensor mask) {
    return Tape.run(new Primitives.Binary(BinaryOp.KEEP), x, mask.detach());
  }

  /** {@code chosen} where a mask is not 0, else {@code other}; PyTorch's {@code where}. */
  public static Tensor where(Tensor mask, Tensor chosen, Tensor other) {
    return keep(chosen, mask).plus(keep(other, not(mask)));
  }
}
