package dev.impromptu.cuda.driver;

import java.nio.ByteBuffer;

/** Takes the elements of a download, piece by piece. */
@FunctionalInterface
public interface StagingTarget {
  /**
   * Reads some elements.
   *
   * @param staging where from, from its position on, in the machine's byte order
   * @param from the first element
   * @param count how many
   */
  void read(ByteBuffer staging, int from, int count);
}
