package dev.impromptu.benchmarks.gpu;

import java.util.List;
import java.util.Optional;

/** An implementation of some work, prepared with several sets of inputs that take turns. */
interface Variant extends AutoCloseable {
  /** What can be timed. */
  List<Task> tasks();

  /** Runs everything on the first set of inputs and brings the results to the host. */
  List<Result> results();

  /** Records a call of a task; absent where this device cannot. */
  Optional<Replay> record(Runnable call);

  @Override
  void close();

  /**
   * Something to time.
   *
   * @param name {@code forward}
   * @param sets the same on each set of inputs
   */
  record Task(String name, List<Runnable> sets) {}

  /** A recorded call. */
  interface Replay extends Runnable, AutoCloseable {
    @Override
    void close();
  }
}
