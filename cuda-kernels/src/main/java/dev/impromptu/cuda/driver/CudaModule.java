package dev.impromptu.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Kernels compiled for one device. */
public final class CudaModule implements AutoCloseable {
  private final DriverContext context;
  private final CUmodule module = new CUmodule();
  private final Runnable closing = this::close;
  private boolean closed;

  CudaModule(DriverContext context, String ptx) {
    this.context = context;
    byte[] text = ptx.getBytes(StandardCharsets.UTF_8);
    // The driver reads up to a zero byte.
    ByteBuffer image = ByteBuffer.allocateDirect(text.length + 1).put(text).put((byte) 0);
    int status =
        JCudaDriver.cuModuleLoadDataEx(module, Pointer.to(image), 0, new int[0], new Pointer());
    if (status != CUresult.CUDA_SUCCESS) {
      throw context.failure(status, "cuModuleLoadDataEx", text.length + " bytes of PTX");
    }
    context.own(closing);
  }

  /** The kernel of this name. */
  public CudaFunction function(String name) {
    synchronized (context) {
      if (closed) {
        throw new IllegalStateException("CUDA: the module of kernel " + name + " is closed");
      }
      context.makeCurrent();
      var function = new CUfunction();
      int status = JCudaDriver.cuModuleGetFunction(function, module, name);
      if (status != CUresult.CUDA_SUCCESS) {
        throw context.failure(status, "cuModuleGetFunction", name);
      }
      return new CudaFunction(context, name, function);
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
      int status = JCudaDriver.cuModuleUnload(module);
      if (status != CUresult.CUDA_SUCCESS) {
        throw context.failure(status, "cuModuleUnload", "");
      }
    }
  }
}
