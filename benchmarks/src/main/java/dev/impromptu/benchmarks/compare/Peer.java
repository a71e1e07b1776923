package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.benchmarks.work.Work;
import dev.impromptu.io.HostArray;
import java.util.List;
import java.util.Map;

/** Another library that does the same work; found by {@link java.util.ServiceLoader}. */
public interface Peer {
  /** The library, its version and how it is called. */
  String name();

  /**
   * Prepares a piece of work.
   *
   * @param weights first values, under the names that Impromptu's model gives them
   */
  Work open(Task task, Map<String, HostArray> weights);

  /**
   * The ways to set the library up; the first as it comes.
   *
   * @param threads that may compute
   */
  List<Setting> settings(int threads);

  /**
   * A way to set the library up.
   *
   * @param name in tables
   * @param use makes it so
   */
  record Setting(String name, Runnable use) {}
}
