package dev.impromptu.backend;

/**
 * The work of one training step, recorded once on a device and run again as often as wanted, on the
 * same memory: inputs are written before a replay, results read after it.
 */
public interface Recording extends AutoCloseable {
  /**
   * Runs the recorded work with these rates and random numbers; its bits are the step's own.
   *
   * @throws IllegalStateException while other work is recorded
   */
  void replay(StepValues values);

  /** Forgets the work; memory that was allocated while it was recorded is no longer used by it. */
  @Override
  void close();
}
