package dev.impromptu.train;

/**
 * Is told how training goes; called on the training thread, between steps.
 *
 * <p>Each call stands in a {@link dev.impromptu.tensor.Scope} of its own: tensors that a listener
 * makes are closed when it returns, so it keeps values, not tensors, and closes the scopes that it
 * opens.
 */
public interface TrainingListener {
  /**
   * An epoch begins, or continues after a pause.
   *
   * @param batches steps of the whole epoch
   */
  default void onEpochStart(TrainingState state, int batches) {}

  /** A step was made. */
  default void onStep(TrainingState state) {}

  /** An epoch is complete and validated; its report is the last of the history. */
  default void onEpochEnd(TrainingState state) {}

  /** Whether training should go on; asked before every epoch, and one no ends it. */
  default boolean wantsMore(TrainingState state) {
    return true;
  }

  /** Training was asked to stop within an epoch. */
  default void onStop(TrainingState state) {}
}
