package dev.impromptu.cuda.driver;

import java.util.List;
import java.util.Locale;

/**
 * The memory of a device, all its users together.
 *
 * @param free bytes that nobody holds
 * @param total bytes it has
 */
public record MemoryInfo(long free, long total) {
  private static final List<String> UNITS = List.of("bytes", "KiB", "MiB", "GiB", "TiB", "PiB");

  /** A number of bytes as people read it, {@code 1.5 MiB}. */
  static String text(long bytes) {
    double size = bytes;
    int power = 0;
    // What would be written as 1024.0 is one of the next unit.
    while (power < UNITS.size() - 1 && size >= (power == 0 ? 1024 : 1023.95)) {
      size /= 1024;
      power++;
    }
    return power == 0
        ? bytes + " bytes"
        : String.format(Locale.ROOT, "%.1f %s", size, UNITS.get(power));
  }

  @Override
  public String toString() {
    return text(free) + " of " + text(total) + " free";
  }
}
