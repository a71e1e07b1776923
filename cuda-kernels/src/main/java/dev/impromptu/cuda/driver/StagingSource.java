package dev.impromptu.cuda.driver;

import java.nio.ByteBuffer;

/** Gives the elements of an upload, piece by piece. */
@FunctionalInterface
public interface StagingSource {
  /**
   * Writes some elements.
   *
   * @param staging where to, from its position on, in the machine's byte order
   * @param from the first element
   * @param count how many
   */
  void write(ByteBuffer staging, int from, int count);
}
