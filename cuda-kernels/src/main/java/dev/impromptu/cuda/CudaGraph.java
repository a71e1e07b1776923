package dev.impromptu.cuda;

import dev.impromptu.backend.Recording;
import dev.impromptu.backend.StepValues;
import dev.impromptu.cuda.driver.CudaException;
import dev.impromptu.cuda.driver.CudaGraphExec;
import dev.impromptu.cuda.driver.DriverContext;
import dev.impromptu.cuda.driver.RecordedMemory;

/**
 * Work as a CUDA graph: one launch instead of hundreds. The kernels read what changes from step to
 * step from the {@link StepBlock}, which every replay writes first.
 */
final class CudaGraph implements Recording {
  private final CudaRuntime runtime;
  private final RecordedMemory memory;
  private final CudaGraphExec exec;

  private CudaGraph(CudaRuntime runtime, RecordedMemory memory, CudaGraphExec exec) {
    this.runtime = runtime;
    this.memory = memory;
    this.exec = exec;
  }

  /**
   * Records what {@code work} launches, without running it. Other threads wait meanwhile: what they
   * launched would be recorded too.
   *
   * @throws dev.impromptu.backend.OutOfDeviceMemoryException when the device has too little memory
   *     for what the work needs, or for the graph
   * @throws IllegalStateException when the work reads, writes or records, or names other values
   *     than {@code first}; the recording is then given up, as after whatever else the work throws
   */
  static CudaGraph record(CudaRuntime runtime, StepValues first, Runnable work) {
    DriverContext context = runtime.context();
    synchronized (context) {
      context.requireNotRecording("record", "recordings do not nest");
      // Compiling kernels waits for the device, which cannot be recorded.
      runtime.loadKernels();
      // Nor can freeing what is kept for requests of other sizes.
      runtime.pool().trim();
      RecordedMemory memory = runtime.pool().record();
      runtime.stepBlock().startRecording(first);
      try {
        return new CudaGraph(runtime, memory, context.record(work));
      } catch (CudaException e) {
        memory.close();
        throw runtime.pool().asShortage(e, "a recording failed with " + e.getMessage());
      } catch (Throwable e) {
        memory.close();
        throw e;
      } finally {
        memory.end();
        runtime.stepBlock().endRecording();
      }
    }
  }

  @Override
  public void replay(StepValues values) {
    synchronized (runtime.context()) {
      runtime.context().requireNotRecording("replay", "replay before or after it");
      runtime.stepBlock().set(values);
      exec.launch();
    }
  }

  @Override
  public void close() {
    synchronized (runtime.context()) {
      try {
        exec.close();
      } finally {
        // Where waiting for it failed the graph can still be replayed, and writes this memory.
        if (!exec.isLaunchable()) {
          memory.close();
        }
      }
    }
  }
}
