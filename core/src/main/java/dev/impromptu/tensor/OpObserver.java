package dev.impromptu.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Is told of every operation that runs on a thread inside {@link Scope#observed}. It may read
 * values, and an exception that it throws ends the operation.
 */
public interface OpObserver {
  /**
   * An operation computed its outputs; on a device that works on its own, it was told to.
   *
   * @param start {@link System#nanoTime} when it began
   */
  void forward(Op op, List<Tensor> inputs, List<Tensor> outputs, long start);

  /**
   * The gradients of an operation's inputs were computed.
   *
   * @param gradients one entry an input; null where none was wanted
   * @param start {@link System#nanoTime} when it began
   */
  void backward(Op op, List<@Nullable Tensor> gradients, long start);
}
