package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.Backend;
import dev.impromptu.backend.BinaryOp;
import dev.impromptu.backend.Broadcast;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Matmul;
import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.StepValues;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.TestDriver;
import dev.impromptu.cuda.driverdouble.WithDriverDouble;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several threads at one device. */
@WithDriverDouble
class CudaThreadsTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 100;

  /** So large that cuBLAS computes it, where it is there. */
  private static final Matmul LARGE = new Matmul(1, 128, 128, 64, false, false);

  private static final Matmul SMALL = new Matmul(1, 33, 31, 31, false, true);
  private static final int SIZE = 33 * 31;
  private static final Broadcast SAME =
      new Broadcast(new int[] {SIZE}, new int[] {1}, new int[] {1});

  private Backend backend;

  @BeforeEach
  void open() {
    TestDriver.open().close();
    backend = new CudaProvider().open(Precision.FP32);
  }

  @AfterEach
  void close() {
    if (backend != null) {
      backend.close();
    }
  }

  @Test
  void aProductOfAnotherThreadIsNoPartOfWhatIsRecorded() throws InterruptedException {
    Storage a = floats(128 * 64, 1);
    Storage b = floats(64 * 128, 2);
    Storage c = floats(128 * 128, 3);
    // Loads what the first product of all loads.
    backend.matmul(LARGE, a, b, c);
    float[] expected = read(c);
    backend.write(new float[128 * 128], c);
    Thread other = Thread.ofPlatform().unstarted(() -> backend.matmul(LARGE, a, b, c));
    var values = new StepValues(1, new AdamStep(1e-3, 0.9, 0.999, 1e-8, 1, null));
    try (var _ =
        backend
            .record(
                values,
                () -> {
                  other.start();
                  TestDriver.awaitBlocked(other);
                })
            .orElseThrow()) {
      other.join();
      assertArrayEquals(expected, read(c));
    }
    List.of(a, b, c).forEach(backend::release);
  }

  @Test
  void eachThreadGetsWhatItWouldGetAlone() throws Exception {
    List<float[]> alone = IntStream.range(0, THREADS).mapToObj(this::work).toList();
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      List<Callable<float[]>> tasks = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int seed = i;
        tasks.add(() -> work(seed));
      }
      int seed = 0;
      for (var result : threads.invokeAll(tasks)) {
        assertArrayEquals(alone.get(seed), result.get(), "thread " + seed);
        seed++;
      }
    }
  }

  /** The sum of many products of what dropout leaves; waits for the device at the end alone. */
  private float[] work(int seed) {
    Storage x = floats(SIZE, seed);
    Storage weight = floats(31 * 31, seed + 10);
    Storage dropped = floats(SIZE, 0);
    Storage product = floats(SIZE, 0);
    Storage sum = floats(SIZE, 0);
    backend.fill(sum, 0);
    for (int round = 0; round < ROUNDS; round++) {
      backend.dropout(0.5, new PhiloxKey(7, 1, 1000L * seed + round), x, dropped);
      backend.matmul(SMALL, dropped, weight, product);
      backend.binary(BinaryOp.ADD, SAME, sum, product, sum);
    }
    float[] result = read(sum);
    List.of(x, weight, dropped, product, sum).forEach(backend::release);
    return result;
  }

  private Storage floats(int length, int seed) {
    Storage storage = backend.allocate(DType.FLOAT32, length);
    backend.write(KernelTrial.random(length, seed), storage);
    return storage;
  }

  private float[] read(Storage storage) {
    var values = new float[storage.length()];
    backend.read(storage, values);
    return values;
  }

  @Test
  void eachReplayHasTheValuesOfItsOwnThread() throws Exception {
    try (var threads = Executors.newFixedThreadPool(2)) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int own = i;
        tasks.add(() -> replay(own));
      }
      for (var result : threads.invokeAll(tasks)) {
        result.get();
      }
    }
  }

  /** Draws as the step of its thread says, again and again. */
  private Void replay(int own) {
    var key = new PhiloxKey(7, 1, own);
    Storage x = floats(SIZE, 1);
    Storage y = floats(SIZE, 0);
    backend.dropout(0.5, key, x, y);
    float[] expected = read(y);
    var values = new StepValues(own, new AdamStep(1e-3, 0.9, 0.999, 1e-8, 1, null));
    try (var graph = backend.record(values, () -> backend.dropout(0.5, key, x, y)).orElseThrow()) {
      for (int round = 0; round < 5 * ROUNDS; round++) {
        graph.replay(values);
        assertArrayEquals(expected, read(y), "thread " + own + ", round " + round);
      }
    }
    List.of(x, y).forEach(backend::release);
    return null;
  }

  @Test
  void anIndexOutOfBoundsIsToldToOneThreadOnce() throws Exception {
    Storage table = floats(3, 1);
    Storage row = floats(1, 2);
    Storage bad = backend.allocate(DType.INT32, 1);
    backend.write(new int[] {3}, bad);
    var told = new AtomicInteger();
    var ended = new AtomicBoolean();
    try (var threads = Executors.newFixedThreadPool(2)) {
      var reader =
          threads.submit(
              () -> {
                while (!ended.get()) {
                  readCounting(table, told);
                }
              });
      try {
        for (int round = 0; round < 5 * ROUNDS; round++) {
          backend.gatherRows(1, table, bad, row);
          readCounting(table, told);
          // Either thread's read has met it by now, or it is on its way to the other's caller.
          long end = System.nanoTime() + 5_000_000_000L;
          while (told.get() <= round && System.nanoTime() < end) {
            Thread.onSpinWait();
          }
          assertEquals(round + 1, told.get());
        }
      } finally {
        ended.set(true);
      }
      reader.get();
    }
    assertEquals(5 * ROUNDS, told.get());
    List.of(table, row, bad).forEach(backend::release);
  }

  private void readCounting(Storage table, AtomicInteger told) {
    try {
      read(table);
    } catch (IndexOutOfBoundsException e) {
      told.incrementAndGet();
    }
  }

  @Test
  void aDeviceIsNotClosedByTheWorkThatItRecords() {
    var values = new StepValues(1, new AdamStep(1e-3, 0.9, 0.999, 1e-8, 1, null));
    Storage x = floats(3, 1);

    var e = assertThrows(IllegalStateException.class, () -> backend.record(values, backend::close));

    assertTrue(
        String.valueOf(e.getMessage())
            .startsWith("CUDA: closing is not possible while work is recorded"),
        e.getMessage());
    assertArrayEquals(KernelTrial.random(3, 1), read(x), "it works on");
    backend.release(x);
  }
}
