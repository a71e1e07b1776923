package dev.impromptu.benchmarks.work;

/** A piece of work by one library, with its weights and inputs at hand. Used by one thread. */
public interface Work extends AutoCloseable {
  /**
   * Does the work, without what is random in it, and shows numbers that come out right only if all
   * of it is right. Called once, before the first {@link #run}.
   */
  double[] results();

  /** Does it once; when it returns, everything has been computed. */
  void run();

  /** Gives its memory back. */
  @Override
  void close();
}
