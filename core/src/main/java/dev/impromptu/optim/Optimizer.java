package dev.impromptu.optim;

import dev.impromptu.tensor.Gradients;
import dev.impromptu.tensor.Tensor;
import java.util.SequencedMap;

/** Changes parameters in place, a little at each step, so that a loss falls. */
public interface Optimizer {
  /**
   * One update of every parameter that has a gradient.
   *
   * @param gradients of the loss, from {@link Tensor#backward}
   */
  void step(Gradients gradients);

  /** How many updates were made. */
  long steps();

  /** What it remembers between steps, by name, for checkpoints; written to when one is loaded. */
  SequencedMap<String, Tensor> state();

  /**
   * Continues from a checkpoint whose {@link #state} was loaded.
   *
   * @param steps updates made before it
   */
  void resume(long steps);
}
