package dev.impromptu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Assumptions;

/** What the tests of cuBLAS and cuDNN share. */
final class TestLibraries {
  private TestLibraries() {}

  /** Skips the test where the library is missing, unless it is required. */
  static void assume(CudaLibrary library) {
    library
        .whyMissing()
        .ifPresent(
            reason -> {
              // The stand-in driver comes with stand-in libraries; a real machine may lack cuDNN.
              if (System.getProperty("impromptu.require", "").contains("driver-double")) {
                fail(reason);
              }
              Assumptions.abort(reason);
            });
  }

  static float[] random(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return values;
  }

  /** Fresh device memory with these values. */
  static DeviceSpan device(DriverContext context, float[] values) {
    DeviceMemory memory = context.allocate((long) Float.BYTES * values.length);
    memory.upload(values);
    return memory.span(0, memory.bytes());
  }

  /** Fresh device memory of so many elements. */
  static DeviceSpan device(DriverContext context, int length) {
    DeviceMemory memory = context.allocate((long) Float.BYTES * length);
    return memory.span(0, memory.bytes());
  }

  static float[] host(DriverContext context, DeviceSpan span) {
    context.synchronize();
    float[] values = new float[(int) (span.memory().bytes() / Float.BYTES)];
    span.memory().download(values);
    int from = (int) (span.offset() / Float.BYTES);
    return Arrays.copyOfRange(values, from, from + (int) (span.bytes() / Float.BYTES));
  }

  /** How much device memory the stand-in driver has given out. */
  @SuppressWarnings("restricted")
  static long liveBytes() {
    try (Arena arena = Arena.ofConfined()) {
      var function =
          SymbolLookup.libraryLookup("libcuda.so.1", arena)
              .findOrThrow("impromptu_double_live_bytes");
      return (long)
          Linker.nativeLinker()
              .downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_LONG))
              .invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Captures what is called, changes what it reads, then lets the device do it. */
  static void captureAndReplay(DriverContext context, Runnable work, Runnable change) {
    context.makeCurrent();
    var graph = new CUgraph();
    var executable = new CUgraphExec();
    ok(
        JCudaDriver.cuStreamBeginCapture(
            context.stream(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    work.run();
    ok(JCudaDriver.cuStreamEndCapture(context.stream(), graph));
    ok(JCudaDriver.cuGraphInstantiate(executable, graph, 0));
    change.run();
    ok(JCudaDriver.cuGraphLaunch(executable, context.stream()));
    context.synchronize();
    ok(JCudaDriver.cuGraphExecDestroy(executable));
    ok(JCudaDriver.cuGraphDestroy(graph));
  }

  private static void ok(int status) {
    assertEquals(CUresult.CUDA_SUCCESS, status, CUresult.stringFor(status));
  }
}
