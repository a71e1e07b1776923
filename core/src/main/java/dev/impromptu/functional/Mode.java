package dev.impromptu.functional;

import dev.impromptu.backend.PhiloxKey;

/**
 * Whether a model is being trained or used; an argument, never hidden state.
 *
 * <p>In training it also hands out the keys of the step's random numbers, so one is made for each
 * step: {@code Mode.training(seed, step)}. The same seed and step give the same numbers.
 */
public final class Mode {
  /** Using a model: dropout does nothing. */
  public static final Mode EVALUATION = new Mode(false, 0, 0);

  private final boolean training;
  private final long seed;
  private final long step;
  private int calls;

  private Mode(boolean training, long seed, long step) {
    this.training = training;
    this.seed = seed;
    this.step = step;
  }

  /**
   * Training a model.
   *
   * @param seed of the whole run
   * @param step number of the training step
   */
  public static Mode training(long seed, long step) {
    return new Mode(true, seed, step);
  }

  /** Whether this is training. */
  public boolean isTraining() {
    return training;
  }

  /**
   * A key that no other draw of this step has.
   *
   * @throws IllegalStateException when this is not training: nothing is drawn then
   */
  public PhiloxKey nextKey() {
    if (!training) {
      throw new IllegalStateException("Mode: nothing random is drawn in evaluation");
    }
    return new PhiloxKey(seed, calls++, step);
  }
}
