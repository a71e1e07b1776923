package dev.impromptu.benchmarks.gpu;

import java.util.List;
import java.util.Optional;

/** An implementation of some work, prepared with several sets of inputs that take turns. */
interface Variant extends AutoCloseable {
  /** What can be timed. */
  List<Task> tasks();

  /** What all tasks compute on the first set of inputs, on the host. */
  default List<Result> results() {
    return tasks().stream().flatMap(task -> task.results().stream()).toList();
  }

  /** Records a call of a task; absent where this device cannot. */
  Optional<Replay> record(Runnable call);

  @Override
  void close();

  /**
   * Something to time.
   *
   * @param name {@code forward}
   * @param sets the same on each set of inputs
   * @param check of the first of these, and of its recording
   */
  record Task(String name, List<Runnable> sets, Check check) {
    /** What it computes when it is not recorded. */
    List<Result> results() {
      return check.after(sets.getFirst());
    }
  }

  /** Looks at what a task computes from its first set of inputs, whoever calls it. */
  interface Check {
    /**
     * Makes wrong what the task writes, so that a call that does nothing is seen, puts back what it
     * replaces, runs the call and brings the results to the host.
     *
     * @param call the task itself or a replay of it
     */
    List<Result> after(Runnable call);
  }

  /** A recorded call. */
  interface Replay extends Runnable, AutoCloseable {
    @Override
    void close();
  }
}
