package dev.impromptu.cuda.driverdouble;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.cuda.driver.CudaDriver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** Plain JCuda, as short as the tests of the double need it. Its methods give JCuda's statuses. */
final class JCudaDevice implements AutoCloseable {
  static final int NON_BLOCKING = 1;

  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final List<CUdeviceptr> allocations = new ArrayList<>();

  JCudaDevice() {
    CudaDriver.load();
    check(JCudaDriver.cuDeviceGet(device, 0));
    open();
  }

  private void open() {
    check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
    makeCurrent();
  }

  /** On this thread; the one that opened the device has it already. */
  void makeCurrent() {
    check(JCudaDriver.cuCtxSetCurrent(context));
  }

  /** A fresh context, after a fault. */
  void reopen() {
    close();
    open();
  }

  static void check(int status) {
    assertEquals("CUDA_SUCCESS", CUresult.stringFor(status), () -> message(status));
  }

  /** What happened, in the driver's words. */
  static String message(int status) {
    var text = new String[1];
    JCudaDriver.cuGetErrorString(status, text);
    return text[0];
  }

  CUdeviceptr allocate(long bytes) {
    var pointer = new CUdeviceptr();
    check(JCudaDriver.cuMemAlloc(pointer, bytes));
    allocations.add(pointer);
    return pointer;
  }

  CUdeviceptr floats(float... values) {
    var pointer = allocate((long) Float.BYTES * values.length);
    check(write(pointer, values));
    return pointer;
  }

  CUdeviceptr ints(int... values) {
    var pointer = allocate((long) Integer.BYTES * values.length);
    ByteBuffer bytes = direct((long) Integer.BYTES * values.length);
    bytes.asIntBuffer().put(values);
    check(JCudaDriver.cuMemcpyHtoD(pointer, Pointer.to(bytes), bytes.capacity()));
    return pointer;
  }

  int write(CUdeviceptr to, float... values) {
    ByteBuffer bytes = direct((long) Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    return JCudaDriver.cuMemcpyHtoD(to, Pointer.to(bytes), bytes.capacity());
  }

  float[] readFloats(CUdeviceptr from, int count) {
    var values = new float[count];
    read(from, count).asFloatBuffer().get(values);
    return values;
  }

  int[] readInts(CUdeviceptr from, int count) {
    var values = new int[count];
    read(from, count).asIntBuffer().get(values);
    return values;
  }

  private static ByteBuffer read(CUdeviceptr from, int count) {
    ByteBuffer bytes = direct((long) Float.BYTES * count);
    check(JCudaDriver.cuMemcpyDtoH(Pointer.to(bytes), from, bytes.capacity()));
    return bytes;
  }

  static ByteBuffer direct(long bytes) {
    return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
  }

  void free(CUdeviceptr pointer) {
    allocations.remove(pointer);
    check(JCudaDriver.cuMemFree(pointer));
  }

  CUstream stream(int flags) {
    var stream = new CUstream();
    check(JCudaDriver.cuStreamCreate(stream, flags));
    return stream;
  }

  CUfunction function(String name) {
    var module = new CUmodule();
    check(JCudaDriver.cuModuleLoadData(module, DriverDouble.ptx(name)));
    var function = new CUfunction();
    check(JCudaDriver.cuModuleGetFunction(function, module, name));
    return function;
  }

  /** On the legacy stream; the arguments are device pointers, integers, longs and floats. */
  int launch(String kernel, int blocks, int threads, Object... arguments) {
    return launch(null, function(kernel), blocks, threads, 0, arguments);
  }

  int launch(
      CUstream stream,
      CUfunction function,
      int blocks,
      int threads,
      int shared,
      Object... arguments) {
    var pointers = new NativePointerObject[arguments.length];
    ByteBuffer scalars = direct((long) Long.BYTES * arguments.length);
    for (int i = 0; i < arguments.length; i++) {
      int at = i * Long.BYTES;
      pointers[i] = Pointer.to(scalars).withByteOffset(at);
      switch (arguments[i]) {
        case CUdeviceptr pointer -> pointers[i] = Pointer.to(pointer);
        case Integer value -> scalars.putInt(at, value);
        case Long value -> scalars.putLong(at, value);
        case Float value -> scalars.putFloat(at, value);
        default -> throw new IllegalArgumentException(arguments[i].toString());
      }
    }
    return JCudaDriver.cuLaunchKernel(
        function, blocks, 1, 1, threads, 1, 1, shared, stream, Pointer.to(pointers), null);
  }

  /** Launches, waits, and gives the driver's words for what went wrong. */
  String fault(int status, String kernel, int blocks, int threads, Object... arguments) {
    check(launch(kernel, blocks, threads, arguments));
    int found = JCudaDriver.cuCtxSynchronize();
    assertEquals(CUresult.stringFor(status), CUresult.stringFor(found), () -> message(found));
    return message(found);
  }

  @Override
  public void close() {
    // After a fault memory cannot be freed any more; the end of the context does it.
    allocations.forEach(JCudaDriver::cuMemFree);
    allocations.clear();
    check(JCudaDriver.cuDevicePrimaryCtxRelease(device));
  }
}
