package dev.impromptu.cuda.driver;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/** Launches that were recorded once and run again as one. */
public final class CudaGraphExec implements AutoCloseable {
  private final DriverContext context;
  private final CUgraphExec exec = new CUgraphExec();
  private final Runnable closing = this::close;
  private boolean closed;

  private CudaGraphExec(DriverContext context, CUgraph graph) {
    this.context = context;
    check(JCudaDriver.cuGraphInstantiate(exec, graph, 0), "cuGraphInstantiate");
    context.own(closing);
    try {
      // Now and not at the first launch, which would wait for it.
      check(JCudaDriver.cuGraphUpload(exec, context.stream()), "cuGraphUpload");
    } catch (CudaException e) {
      discardAfter(e);
      throw e;
    }
  }

  /** Under the context's monitor. Whatever {@code work} throws ends the recording and is thrown. */
  static CudaGraphExec capture(DriverContext context, Runnable work) {
    // Of this thread alone: another one may meanwhile do what cannot be recorded.
    int status =
        JCudaDriver.cuStreamBeginCapture(
            context.stream(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    if (status != CUresult.CUDA_SUCCESS) {
      throw context.failure(status, "cuStreamBeginCapture", "thread local");
    }
    var graph = new CUgraph();
    try {
      work.run();
    } catch (Throwable e) {
      abandon(context, e);
      throw e;
    }
    status = JCudaDriver.cuStreamEndCapture(context.stream(), graph);
    if (status != CUresult.CUDA_SUCCESS) {
      CudaException e = context.failure(status, "cuStreamEndCapture", "");
      abandon(context, e);
      throw e;
    }
    CudaGraphExec exec;
    try {
      exec = new CudaGraphExec(context, graph);
    } catch (CudaException e) {
      alsoFailed(context, e, JCudaDriver.cuGraphDestroy(graph), "cuGraphDestroy");
      throw e;
    }
    status = JCudaDriver.cuGraphDestroy(graph);
    if (status != CUresult.CUDA_SUCCESS) {
      CudaException e = context.failure(status, "cuGraphDestroy", "");
      exec.discardAfter(e);
      throw e;
    }
    return exec;
  }

  /** It was never launched, so there is nothing to wait for. */
  private void discardAfter(CudaException e) {
    closed = true;
    context.disown(closing);
    alsoFailed(context, e, JCudaDriver.cuGraphExecDestroy(exec), "cuGraphExecDestroy");
  }

  /** What fails while another failure is on its way is told with that. */
  private static void alsoFailed(DriverContext context, Throwable first, int status, String call) {
    if (status != CUresult.CUDA_SUCCESS) {
      first.addSuppressed(context.failure(status, call, ""));
    }
  }

  /**
   * A stream that went on capturing would be of no use; where it ended already, nothing happens.
   */
  private static void abandon(DriverContext context, Throwable first) {
    var graph = new CUgraph();
    // That ending it fails is what is expected of a recording that failed.
    if (JCudaDriver.cuStreamEndCapture(context.stream(), graph) == CUresult.CUDA_SUCCESS) {
      alsoFailed(context, first, JCudaDriver.cuGraphDestroy(graph), "cuGraphDestroy");
    }
  }

  /** Runs what was recorded, when the device comes to it. */
  public void launch() {
    synchronized (context) {
      if (closed) {
        throw new IllegalStateException("CUDA: this graph is closed");
      }
      context.makeCurrent();
      check(JCudaDriver.cuGraphLaunch(exec, context.stream()), "cuGraphLaunch");
    }
  }

  /** Whether it can still be launched: not once it was closed, nor after its context. */
  public boolean isLaunchable() {
    return !closed && context.isUsable();
  }

  private void check(int status, String call) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw context.failure(status, call, "");
    }
  }

  /** Waits until the last launch has ended. */
  @Override
  public void close() {
    synchronized (context) {
      if (closed || context.isClosed() || context.isBroken()) {
        return;
      }
      context.synchronize();
      closed = true;
      context.disown(closing);
      check(JCudaDriver.cuGraphExecDestroy(exec), "cuGraphExecDestroy");
    }
  }
}
