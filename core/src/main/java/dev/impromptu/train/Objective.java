package dev.impromptu.train;

import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Tensor;

/**
 * What a model is to get better at.
 *
 * @param <B> a batch
 */
@FunctionalInterface
public interface Objective<B> {
  /** Runs the model on a batch and judges the result. */
  Outcome measure(B batch, Mode mode);

  /**
   * How a batch went.
   *
   * @param loss the mean over the batch, a scalar to be made smaller
   * @param correct predictions that were right
   * @param total predictions that were made
   */
  record Outcome(Tensor loss, int correct, int total) {}
}
