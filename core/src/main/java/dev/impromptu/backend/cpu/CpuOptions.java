package dev.impromptu.backend.cpu;

/**
 * What can be chosen about the processor.
 *
 * @param threads that compute, the caller included
 * @param vector whether to use the Vector API where the JVM offers it
 * @param openBlas path of the library, {@code none}, or empty to search
 */
record CpuOptions(int threads, boolean vector, String openBlas) {
  /**
   * From {@code -Dimpromptu.threads}, {@code -Dimpromptu.vector} and {@code -Dimpromptu.openblas}.
   *
   * @throws IllegalArgumentException when the number of threads is none
   */
  static CpuOptions fromProperties() {
    int processors = Runtime.getRuntime().availableProcessors();
    var threads = System.getProperty("impromptu.threads", String.valueOf(processors));
    return new CpuOptions(
        threads(threads),
        Boolean.parseBoolean(System.getProperty("impromptu.vector", "true")),
        System.getProperty("impromptu.openblas", ""));
  }

  private static int threads(String text) {
    try {
      int threads = Integer.parseInt(text);
      if (threads > 0) {
        return threads;
      }
    } catch (NumberFormatException e) {
      // Told below, together with the numbers that make no sense.
    }
    throw new IllegalArgumentException(
        "impromptu.threads: expected a number from 1 up, but got " + text);
  }
}
