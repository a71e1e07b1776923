package dev.impromptu.cuda;

import java.util.Arrays;
import java.util.Locale;

/**
 * What can be chosen about the CUDA backend. Nothing here changes what is computed, beyond
 * rounding.
 *
 * @param products what multiplies large matrices
 * @param lstm what runs the LSTM
 * @param conv what runs the convolution
 * @param exactMemory whether every piece of memory is the driver's own allocation, for tests
 * @param traceLeaks whether to remember where memory was allocated
 */
record CudaOptions(
    Products products,
    Implementation lstm,
    Implementation conv,
    boolean exactMemory,
    boolean traceLeaks) {
  /** What runs a fused operation. */
  enum Implementation {
    /** The kernels of this module. */
    KERNEL,
    /** NVIDIA's library. */
    CUDNN
  }

  /** What multiplies matrices. */
  enum Products {
    /** NVIDIA's library. */
    CUBLAS,
    /** The kernel of this module, in fp32 alone. */
    KERNEL
  }

  private enum Pool {
    CACHING,
    EXACT
  }

  private enum Leaks {
    REPORT,
    TRACE
  }

  /**
   * From the system properties {@code impromptu.cuda.products}, {@code impromptu.cuda.lstm}, {@code
   * impromptu.cuda.conv}, {@code impromptu.cuda.pool} and {@code impromptu.leaks}.
   *
   * @throws IllegalArgumentException when one has a value that is none of its own
   */
  static CudaOptions fromProperties() {
    return new CudaOptions(
        property("impromptu.cuda.products", Products.CUBLAS),
        property("impromptu.cuda.lstm", Implementation.KERNEL),
        property("impromptu.cuda.conv", Implementation.KERNEL),
        property("impromptu.cuda.pool", Pool.CACHING) == Pool.EXACT,
        property("impromptu.leaks", Leaks.REPORT) == Leaks.TRACE);
  }

  private static <E extends Enum<E>> E property(String name, E usual) {
    String text = System.getProperty(name, word(usual));
    E[] values = usual.getDeclaringClass().getEnumConstants();
    return Arrays.stream(values)
        .filter(value -> word(value).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s: expected one of %s, but got '%s'"
                        .formatted(
                            name, Arrays.stream(values).map(CudaOptions::word).toList(), text)));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
