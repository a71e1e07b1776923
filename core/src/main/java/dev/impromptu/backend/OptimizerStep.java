package dev.impromptu.backend;

import org.jspecify.annotations.Nullable;

/**
 * One update of parameters by their gradients. What changes from step to step is its learning rate
 * and its number; a device that replays a recorded step is told {@link #learningRate}, {@link
 * #rate} and {@link #correction} anew, and everything else stays as recorded.
 */
public sealed interface OptimizerStep permits AdamStep, RmsPropStep, SgdStep {
  /** Step size, before the group's scale. */
  double learningRate();

  /** Number of this update, from 1. */
  long step();

  /** Limits the gradients first; absent for none. */
  @Nullable GradientClip clip();

  /** What the parameters at hand have of their own. */
  ParameterRates rates();

  /** The learning rate after what the kind of step makes of it at this number. */
  double rate();

  /** What else depends on the number alone; each kind says what it is. */
  double correction();
}
