package dev.impromptu.cuda.driver;

import jcuda.driver.CUevent;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A point in a context's stream. */
public final class CudaEvent implements AutoCloseable {
  private final DriverContext context;
  private final CUevent event = new CUevent();
  private final Runnable closing = this::close;
  private boolean closed;

  CudaEvent(DriverContext context) {
    this.context = context;
    int status = JCudaDriver.cuEventCreate(event, 0);
    if (status != CUresult.CUDA_SUCCESS) {
      throw context.failure(status, "cuEventCreate", "");
    }
    context.own(closing);
  }

  /** Moves it behind all that was launched so far. */
  public void record() {
    synchronized (context) {
      context.makeCurrent();
      check(JCudaDriver.cuEventRecord(event, context.stream()), "cuEventRecord");
    }
  }

  /** Waits until the device has passed it; returns at once where it was never recorded. */
  public void synchronize() {
    context.makeCurrent();
    check(JCudaDriver.cuEventSynchronize(event), "cuEventSynchronize");
  }

  /**
   * The device's time from an earlier event to this one, both recorded and passed.
   *
   * @return milliseconds, to half a microsecond
   */
  public float millisecondsSince(CudaEvent earlier) {
    context.makeCurrent();
    var milliseconds = new float[1];
    check(JCudaDriver.cuEventElapsedTime(milliseconds, earlier.event, event), "cuEventElapsedTime");
    return milliseconds[0];
  }

  private void check(int status, String call) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw context.failure(status, call, "");
    }
  }

  @Override
  public void close() {
    synchronized (context) {
      if (closed || context.isClosed() || context.isBroken()) {
        return;
      }
      closed = true;
      context.disown(closing);
      context.makeCurrent();
      check(JCudaDriver.cuEventDestroy(event), "cuEventDestroy");
    }
  }
}
