package dev.impromptu.data;

/**
 * A set of examples that can be put together in batches. Training asks for them on a thread of its
 * own, one at a time, so a batch is made of the indices alone.
 *
 * @param <B> a batch as arrays on the host; tensors are made of it where it is used
 */
public interface Examples<B> {
  /** The number of examples. */
  int size();

  /**
   * A batch of the named examples, in that order.
   *
   * @param indices each from 0 to {@code size() - 1}
   */
  B batch(int[] indices);
}
