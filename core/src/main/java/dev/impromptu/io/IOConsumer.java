package dev.impromptu.io;

import java.io.IOException;

/**
 * Does something with a value and may fail on the way.
 *
 * @param <T> what it takes
 */
@FunctionalInterface
public interface IOConsumer<T> {
  /**
   * Does it.
   *
   * @param value what to do it with
   * @throws IOException if it cannot be done
   */
  void accept(T value) throws IOException;
}
