package dev.impromptu.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The compiled kernels that come with this module, one PTX file for each {@code .cu} file. */
final class Kernels {
  private Kernels() {}

  /**
   * The PTX of a family of kernels; the driver compiles it for the chip at hand.
   *
   * @param family the name of its source without the ending, {@code elementwise}
   */
  static String ptx(String family) {
    try (var in = Kernels.class.getResourceAsStream(family + ".ptx")) {
      if (in == null) {
        throw new IllegalArgumentException(
            "There is no " + family + ".ptx beside " + Kernels.class);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Reading " + family + ".ptx", e);
    }
  }
}
