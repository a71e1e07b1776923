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
   * @param capability of the chip, {@code 75} for sm_75
   */
  static String ptx(String family, int capability) {
    String resource = (capability >= 90 ? "sm_90/" : "sm_75/") + family + ".ptx";
    try (var in = Kernels.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException(
            "There is no " + resource + " beside " + Kernels.class + ": run scripts/ptx");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Reading " + resource, e);
    }
  }
}
