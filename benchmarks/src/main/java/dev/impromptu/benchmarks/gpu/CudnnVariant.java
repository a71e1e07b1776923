package dev.impromptu.benchmarks.gpu;

import dev.impromptu.cuda.driver.CudaGraphExec;
import dev.impromptu.cuda.driver.DeviceMemory;
import dev.impromptu.cuda.driver.DeviceSpan;
import dev.impromptu.cuda.driver.DriverContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What cuDNN does in the same stream: its memory, and its recordings. */
abstract class CudnnVariant implements Variant {
  private final DriverContext context;
  private final List<DeviceMemory> owned = new ArrayList<>();

  CudnnVariant(DriverContext context) {
    this.context = context;
  }

  final DeviceSpan bytes(long size) {
    // The driver has no empty allocations.
    DeviceMemory memory = context.allocate(Math.max(Float.BYTES, size));
    owned.add(memory);
    return memory.span();
  }

  final DeviceSpan empty(int length) {
    return bytes((long) Float.BYTES * length);
  }

  final DeviceSpan of(float[] values) {
    DeviceSpan span = empty(values.length);
    span.memory().upload(values);
    return span;
  }

  final float[] host(DeviceSpan span) {
    float[] values = new float[(int) (span.bytes() / Float.BYTES)];
    span.memory().download(values);
    return values;
  }

  /**
   * What a task writes has to be there afterwards, where nothing but NaN was before.
   *
   * @param written whole numbers of floats
   */
  final Check check(Supplier<List<Result>> read, DeviceSpan... written) {
    return call -> {
      for (DeviceSpan span : written) {
        float[] nothing = new float[(int) (span.bytes() / Float.BYTES)];
        Arrays.fill(nothing, Float.NaN);
        span.memory().upload(nothing);
      }
      call.run();
      return read.get();
    };
  }

  @Override
  public final Optional<Replay> record(Runnable call) {
    return Optional.of(new Recorded(context.record(call)));
  }

  private record Recorded(CudaGraphExec exec) implements Replay {
    @Override
    public void run() {
      exec.launch();
    }

    @Override
    public void close() {
      exec.close();
    }
  }

  /** Closes cuDNN's own descriptions of the work. */
  abstract void closeDescriptors();

  @Override
  public final void close() {
    context.synchronize();
    closeDescriptors();
    owned.forEach(DeviceMemory::close);
    owned.clear();
  }
}
