package dev.impromptu.benchmarks.gpu;

import dev.impromptu.backend.Precision;
import dev.impromptu.benchmarks.Samples;
import dev.impromptu.tensor.Device;
import java.util.List;
import java.util.Optional;

/** A device that is timed. */
interface Chip extends AutoCloseable {
  /** Its name, for people. */
  String name();

  /** Why its times are no results; empty where they are. */
  Optional<String> warning();

  /** Chip, driver and libraries, one a line. */
  List<String> description();

  /** How many bytes its last cache holds. */
  long cacheBytes();

  /** What our rows call themselves. */
  String own();

  /** What Impromptu can multiply in. */
  List<Precision> precisions();

  /** Impromptu's device with products of this precision. */
  Device device(Precision precision);

  /**
   * How long each call takes; calls follow each other without waiting in between.
   *
   * @param sets of the same work on different inputs, in turn
   */
  Samples time(List<Runnable> sets, Effort effort);

  /** Waits for all that was started. */
  void synchronize();

  /** Closes the devices too. */
  @Override
  void close();
}
