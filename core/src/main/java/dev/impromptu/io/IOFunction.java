package dev.impromptu.io;

import java.io.IOException;

/**
 * Makes one value of another and may fail on the way.
 *
 * @param <T> what it takes
 * @param <R> what it gives
 */
@FunctionalInterface
public interface IOFunction<T, R> {
  /**
   * Makes the value.
   *
   * @param value what to make it of
   * @return what was made of it
   * @throws IOException if it cannot be made
   */
  R apply(T value) throws IOException;
}
