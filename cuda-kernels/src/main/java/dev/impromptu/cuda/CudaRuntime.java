package dev.impromptu.cuda;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.Precision;
import dev.impromptu.cuda.driver.DevicePool;
import dev.impromptu.cuda.driver.DriverContext;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What every family of operations needs of one device: its context, its kernels, its memory, and
 * the two small blocks of device memory that kernels share.
 *
 * <p>All work goes through one stream in order, so memory that is given back while a kernel still
 * reads it may be given out again at once.
 */
final class CudaRuntime implements AutoCloseable {
  private final DriverContext context;
  private final Precision precision;
  private final CudaOptions options;
  private final Map<String, KernelFamily> families = new LinkedHashMap<>();
  private final DevicePool pool;
  private final FaultWord fault;
  private final StepBlock step;

  /** As the system properties say. */
  CudaRuntime(DriverContext context, Precision precision) {
    this(context, precision, CudaOptions.fromProperties());
  }

  CudaRuntime(DriverContext context, Precision precision, CudaOptions options) {
    this.context = context;
    this.precision = precision;
    this.options = options;
    pool = new DevicePool(context, options.exactMemory(), options.traceLeaks());
    fault = new FaultWord(context);
    step = new StepBlock(context);
  }

  DriverContext context() {
    return context;
  }

  /** Of the products; states, sums and parameters are of 32 bits always. */
  Precision precision() {
    return precision;
  }

  CudaOptions options() {
    return options;
  }

  DevicePool pool() {
    return pool;
  }

  /** The kernels of {@code name.cu}, compiled when the first of them is launched. */
  KernelFamily family(String name) {
    synchronized (context) {
      return families.computeIfAbsent(name, family -> new KernelFamily(context, pool, family));
    }
  }

  /** Compiles every kernel of every family that was asked for, where that was not done yet. */
  void loadKernels() {
    synchronized (context) {
      families.values().forEach(KernelFamily::load);
    }
  }

  /** Memory for the time of an operation; close it when the last launch that uses it is made. */
  CudaStorage allocate(DType type, int length) {
    if (length < 0) {
      throw new IllegalArgumentException("allocate: length " + length + " is negative");
    }
    long bytes = (long) Float.BYTES * length;
    // The driver has no empty allocations.
    return new CudaStorage(
        pool.allocate(Math.max(Float.BYTES, bytes)).span(0, bytes), type, length);
  }

  /** Where a kernel reports an index out of bounds: code, index, bound, and one to spare. */
  CudaStorage fault() {
    return fault.storage();
  }

  FaultWord faultWord() {
    return fault;
  }

  /**
   * What changes from step to step, so that a recorded step stays right: the two halves of the
   * random step, then the optimizer's rate, correction and learning rate.
   */
  CudaStorage step() {
    return step.storage();
  }

  StepBlock stepBlock() {
    return step;
  }

  @Override
  public void close() {
    context.close();
  }
}
