package dev.impromptu.optim;

import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.tensor.Gradients;
import dev.impromptu.tensor.Tensor;
import java.util.SequencedMap;

/**
 * Changes parameters in place, a little at each step, so that a loss falls. What it remembers lasts
 * as long as the device, or until it is closed.
 */
public interface Optimizer extends AutoCloseable {
  /**
   * One update of every parameter that has a gradient.
   *
   * @param gradients of the loss, from {@link Tensor#backward}
   */
  void step(Gradients gradients);

  /**
   * Sets how far the next updates go.
   *
   * @param rate at least 0; a schedule may end at 0
   */
  void learningRate(double rate);

  /** How far the next update goes, as it was made or last set; groups may scale it. */
  double learningRate();

  /** The rates of the update that {@link #step} makes next. */
  OptimizerStep upcoming();

  /** How many updates were made. */
  long steps();

  /** What it remembers between steps, by name, for checkpoints; written to when one is loaded. */
  SequencedMap<String, Tensor> state();

  /**
   * Continues where {@link #state} was brought up to date otherwise: loaded from a checkpoint, or
   * changed by a replayed step.
   *
   * @param steps updates made so far
   */
  void resume(long steps);

  /**
   * Gives back the memory of what it remembers; it makes no step any more. The model is not its
   * own: see {@link dev.impromptu.nn.Module#close}. A second call does nothing.
   */
  @Override
  void close();
}
