package dev.impromptu.backend.cpu;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * {@code cblas_sgemm} of OpenBLAS, called on plain Java arrays: the call is "critical", so the
 * garbage collector waits for it and nothing is copied. Keep each call near a millisecond.
 */
final class OpenBlas {
  private static final int ROW_MAJOR = 101;
  private static final int AS_IT_IS = 111;
  private static final int TRANSPOSED = 112;

  /** A constant, so that the compiler sees through the call and allocates no segments for it. */
  private static final MethodHandle SGEMM = sgemmHandle();

  private final MemorySegment sgemm;
  private final String config;

  /**
   * Finds the functions and bids the library to use no threads of its own.
   *
   * @param source where the library was found
   */
  @SuppressWarnings("restricted")
  OpenBlas(SymbolLookup library, String source) {
    var linker = Linker.nativeLinker();
    sgemm = library.findOrThrow("cblas_sgemm");
    var setThreads =
        linker.downcallHandle(
            library.findOrThrow("openblas_set_num_threads"),
            FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
    var getConfig =
        linker.downcallHandle(
            library.findOrThrow("openblas_get_config"), FunctionDescriptor.of(ValueLayout.ADDRESS));
    try {
      setThreads.invokeExact(1);
      var segment = ((MemorySegment) getConfig.invokeExact()).reinterpret(256);
      config = segment.getString(0).strip() + " from " + source;
    } catch (Throwable e) {
      throw new IllegalStateException("OpenBLAS cannot be called", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle sgemmHandle() {
    var i = ValueLayout.JAVA_INT;
    var f = ValueLayout.JAVA_FLOAT;
    var p = ValueLayout.ADDRESS;
    return Linker.nativeLinker()
        .downcallHandle(
            FunctionDescriptor.ofVoid(i, i, i, i, i, i, f, p, i, p, i, f, p, i),
            Linker.Option.critical(true));
  }

  /** Version and processor kind, as the library says it, and where it was found. */
  String config() {
    return config;
  }

  /**
   * {@code C = op(A) op(B) + beta C}, all row-major; offsets count elements.
   *
   * @param aStride from one stored row of A to the next, likewise below
   */
  void sgemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      MemorySegment a,
      long aOffset,
      int aStride,
      MemorySegment b,
      long bOffset,
      int bStride,
      float beta,
      MemorySegment c,
      long cOffset,
      int cStride) {
    try {
      SGEMM.invokeExact(
          sgemm,
          ROW_MAJOR,
          transposeA ? TRANSPOSED : AS_IT_IS,
          transposeB ? TRANSPOSED : AS_IT_IS,
          m,
          n,
          k,
          1f,
          from(a, aOffset),
          aStride,
          from(b, bOffset),
          bStride,
          beta,
          from(c, cOffset),
          cStride);
    } catch (Throwable e) {
      throw new IllegalStateException("cblas_sgemm failed", e);
    }
  }

  private static MemorySegment from(MemorySegment array, long offset) {
    return array.asSlice(offset * Float.BYTES);
  }
}
