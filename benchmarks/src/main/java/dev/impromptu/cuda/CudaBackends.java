package dev.impromptu.cuda;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.driver.CudaDriver;
import dev.impromptu.cuda.driver.DriverContext;

/**
 * The way into the CUDA backend for the benchmarks alone: they put events into the stream of its
 * work, and time parts of it that nobody else calls.
 */
public final class CudaBackends {
  private CudaBackends() {}

  /**
   * A backend in a context that is open already.
   *
   * @param context closed with the backend; several backends may share it, and the first of them
   *     that is closed ends all
   * @param precision of its products
   */
  public static Backend on(DriverContext context, Precision precision) {
    return new CudaBackend(new CudaRuntime(context, precision), CudaDriver.load().version());
  }
}
