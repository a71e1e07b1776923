package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.impromptu.backend.Backend;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.reference.ReferenceBackend;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.testkit.Tolerance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels beside the reference: each operand is held on both, on the device behind a few elements
 * that belong to nobody, so that it begins at any address.
 */
final class KernelTrial implements AutoCloseable {
  static final Backend REFERENCE = new ReferenceBackend();

  /** Sizes around what threads, warps, blocks and 16-byte accesses hold. */
  static final int[] SIZES = {1, 7, 8, 9, 33, 255, 256, 257};

  /** Orders of threads and blocks: ascending, descending, and two ways of shuffling. */
  private static final long[] SCHEDULES = {0, 1, 2, 3};

  final CudaRuntime runtime;
  private final CudaMemory memory;
  private final List<CudaStorage> allocated = new ArrayList<>();

  /** On both chips that PTX is there for, one after the other. */
  @FunctionalInterface
  interface Body {
    void on(KernelTrial trial);
  }

  static void onEachChip(Body body) {
    for (int capability : new int[] {75, 90}) {
      try (KernelTrial trial = new KernelTrial(capability)) {
        body.on(trial);
      }
    }
  }

  private KernelTrial(int capability) {
    try (var context = TestDriver.open()) {
      TestDriver.capability(context, capability);
    }
    var options = CudaOptions.fromProperties();
    runtime =
        new CudaRuntime(
            TestDriver.open(),
            Precision.FP32,
            new CudaOptions(options.products(), options.lstm(), options.conv(), true, false));
    memory = new CudaMemory(runtime);
  }

  /** One operand on the reference and on the device. */
  record Both(Storage reference, CudaStorage device) {}

  /** An operation of either, with its operands in the order they were given. */
  @FunctionalInterface
  interface Operation {
    void on(Storage[] operands);
  }

  Both floats(float[] values, int offset) {
    Storage reference = REFERENCE.allocate(DType.FLOAT32, values.length);
    REFERENCE.write(values, reference);
    CudaStorage device = allocate(DType.FLOAT32, offset, values.length);
    memory.write(values, device);
    return new Both(reference, device);
  }

  Both ints(int[] values, int offset) {
    Storage reference = REFERENCE.allocate(DType.INT32, values.length);
    REFERENCE.write(values, reference);
    CudaStorage device = allocate(DType.INT32, offset, values.length);
    memory.write(values, device);
    return new Both(reference, device);
  }

  /** Memory that nothing wrote. */
  Both unwritten(int length, int offset) {
    return new Both(
        REFERENCE.allocate(DType.FLOAT32, length), allocate(DType.FLOAT32, offset, length));
  }

  /** Indices that nothing wrote. */
  Both unwrittenInts(int length, int offset) {
    return new Both(REFERENCE.allocate(DType.INT32, length), allocate(DType.INT32, offset, length));
  }

  private CudaStorage allocate(DType type, int offset, int length) {
    CudaStorage whole = memory.allocate(type, offset + length);
    allocated.add(whole);
    return whole.slice(offset, length);
  }

  /** Runs an operation on both; compares the last operand. */
  void agree(String what, int terms, Operation reference, Operation device, Both... operands) {
    reference.on(Arrays.stream(operands).map(Both::reference).toArray(Storage[]::new));
    device.on(Arrays.stream(operands).map(Both::device).toArray(Storage[]::new));
    requireEqual(what, terms, operands[operands.length - 1]);
  }

  /** Compares what both hold; indices must be equal. */
  void requireEqual(String what, int terms, Both both) {
    int length = both.device.length();
    if (both.device.type() == DType.INT32) {
      assertArrayEquals(readInts(both.reference), readInts(both.device), what);
    } else {
      var expected = new double[length];
      var met = new double[length];
      REFERENCE.read(both.reference, expected);
      memory.read(both.device, met);
      Tolerance.requireClose(what, met, expected, Tolerance.float32(terms));
    }
  }

  private int[] readInts(Storage storage) {
    var values = new int[storage.length()];
    if (storage instanceof CudaStorage) {
      memory.read(storage, values);
    } else {
      REFERENCE.read(storage, values);
    }
    return values;
  }

  float[] read(Both both) {
    var values = new float[both.device.length()];
    memory.read(both.device, values);
    return values;
  }

  /** Runs the work in every order of threads; what it leaves in {@code result} never differs. */
  void sameBitsInEveryOrder(Runnable work, Both result) {
    float[] first = null;
    try {
      for (long schedule : SCHEDULES) {
        runtime.context().synchronize();
        TestDriver.schedule(runtime.context(), schedule);
        work.run();
        float[] met = read(result);
        for (int i = 0; i < met.length; i++) {
          assertFalse(Float.isNaN(met[i]), "schedule " + schedule + " leaves no number at " + i);
        }
        if (first == null) {
          first = met;
        }
        assertArrayEquals(first, met, "schedule " + schedule);
      }
    } finally {
      TestDriver.schedule(runtime.context(), 0);
    }
  }

  /** In [-1, 1). */
  static float[] random(int length, long stream) {
    var random = new PhiloxRandom(23, stream);
    var values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return values;
  }

  static int[] randomInts(int length, int bound, long stream) {
    var random = new PhiloxRandom(23, stream);
    var values = new int[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextInt(bound);
    }
    return values;
  }

  @Override
  public void close() {
    try {
      TestDriver.capability(runtime.context(), 75);
      allocated.forEach(CudaStorage::close);
      // What else was allocated, the operations have given back.
      assertEquals(0, runtime.pool().bytesInUse());
    } finally {
      runtime.close();
    }
  }
}
