package dev.impromptu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.DType;
import dev.impromptu.backend.Precision;
import dev.impromptu.backend.Storage;
import dev.impromptu.backend.reference.ReferenceProvider;
import dev.impromptu.cuda.driver.TestDriver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CudaMemoryTest {
  private CudaRuntime runtime;
  private CudaMemory memory;

  @BeforeEach
  void open() {
    runtime = new CudaRuntime(TestDriver.open(), Precision.FP32);
    memory = new CudaMemory(runtime);
  }

  @AfterEach
  void close() {
    if (runtime != null) {
      runtime.close();
    }
  }

  @Test
  void valuesComeBackInEveryType() {
    Storage floats = memory.allocate(DType.FLOAT32, 3);
    memory.write(new float[] {1, 2.5f, -3}, floats);
    float[] singles = new float[3];
    memory.read(floats, singles);
    double[] doubles = new double[3];
    memory.read(floats, doubles);
    Storage ints = memory.allocate(DType.INT32, 2);
    memory.write(new int[] {7, -8}, ints);
    int[] indices = new int[2];
    memory.read(ints, indices);

    assertArrayEquals(new float[] {1, 2.5f, -3}, singles);
    assertArrayEquals(new double[] {1, 2.5, -3}, doubles);
    assertArrayEquals(new int[] {7, -8}, indices);
  }

  @Test
  void valuesThatTakeSeveralPiecesComeBackInTheirOrder() {
    // More than a download takes at once, which is more than an upload does.
    int length = (1 << 20) + 5;
    float[] singles = new float[length];
    double[] doubles = new double[length];
    int[] indices = new int[length];
    for (int i = 0; i < length; i++) {
      singles[i] = i;
      doubles[i] = -i;
      indices[i] = 7 * i;
    }
    Storage floats = memory.allocate(DType.FLOAT32, length);
    memory.write(singles, floats);
    float[] singlesBack = new float[length];
    memory.read(floats, singlesBack);
    memory.write(doubles, floats);
    double[] doublesBack = new double[length];
    memory.read(floats, doublesBack);
    Storage ints = memory.allocate(DType.INT32, length);
    memory.write(indices, ints);
    int[] indicesBack = new int[length];
    memory.read(ints, indicesBack);

    assertArrayEquals(singles, singlesBack);
    assertArrayEquals(doubles, doublesBack);
    assertArrayEquals(indices, indicesBack);
  }

  @Test
  void doublesAreRoundedToTheNearest() {
    Storage storage = memory.allocate(DType.FLOAT32, 2);
    memory.write(new double[] {0.1, 1e300}, storage);
    double[] back = new double[2];
    memory.read(storage, back);

    assertArrayEquals(new double[] {0.1f, Double.POSITIVE_INFINITY}, back);
  }

  @Test
  void aSliceIsAPartOfTheSameMemory() {
    Storage storage = memory.allocate(DType.FLOAT32, 5);
    memory.write(new float[] {1, 2, 3, 4, 5}, storage);
    memory.write(new float[] {9, 8, 7}, storage.slice(2, 2));
    float[] back = new float[5];
    memory.read(storage, back);
    float[] part = new float[2];
    memory.read(storage.slice(1, 4).slice(1, 3), part);

    assertArrayEquals(new float[] {1, 2, 9, 8, 5}, back);
    assertArrayEquals(new float[] {9, 8}, part);
    assertThrows(IndexOutOfBoundsException.class, () -> storage.slice(3, 3));
  }

  @Test
  void aReadTakesAsManyElementsAsTheTargetHolds() {
    Storage storage = memory.allocate(DType.FLOAT32, 3);
    memory.write(new float[] {1, 2, 3}, storage);
    float[] back = new float[2];
    memory.read(storage, back);

    assertArrayEquals(new float[] {1, 2}, back);
    assertThrows(IndexOutOfBoundsException.class, () -> memory.read(storage, new float[4]));
  }

  @Test
  void anEmptyStorageIsOneToo() {
    Storage storage = memory.allocate(DType.FLOAT32, 0);
    memory.write(new float[0], storage);
    memory.read(storage, new float[0]);
    memory.release(storage);

    assertEquals(0, runtime.pool().bytesInUse());
  }

  @Test
  void aStorageIsReleasedOnceAndNotByASlice() {
    Storage storage = memory.allocate(DType.FLOAT32, 5);
    var e = assertThrows(IllegalStateException.class, () -> memory.release(storage.slice(0, 4)));
    assertEquals(
        "release: this storage is a slice or was released before (length 4)", e.getMessage());
    memory.release(storage);

    assertThrows(IllegalStateException.class, () -> memory.release(storage));
    assertThrows(IllegalStateException.class, () -> memory.write(new float[5], storage));
    assertThrows(IllegalStateException.class, () -> memory.read(storage, new float[5]));
  }

  @Test
  void aStorageOfAnotherKindOrBackendIsRefused() {
    Storage ints = memory.allocate(DType.INT32, 1);
    assertThrows(IllegalArgumentException.class, () -> memory.write(new float[1], ints));
    Storage foreign = new ReferenceProvider().open(Precision.FP32).allocate(DType.FLOAT32, 1);
    var e = assertThrows(IllegalArgumentException.class, () -> memory.release(foreign));
    assertTrue(
        e.getMessage().startsWith("the cuda backend cannot use a storage of another backend"),
        e.getMessage());
  }

  @Test
  void anIndexThatAKernelReportedIsThrownByTheNextReadAndThenForgotten() {
    Storage storage = memory.allocate(DType.FLOAT32, 1);
    memory.write(new float[] {4}, storage);
    memory.write(new int[] {1, 12, 10, 0}, runtime.fault());
    float[] back = new float[1];

    var e = assertThrows(IndexOutOfBoundsException.class, () -> memory.read(storage, back));
    assertEquals(
        "cuda: an operation before this read met index 12, expected 0 to 9", e.getMessage());
    memory.read(storage, back);
    assertEquals(4, back[0]);
  }

  @Test
  void severalThreadsDoNotDisturbEachOther() throws Exception {
    try (var threads = Executors.newFixedThreadPool(6)) {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        int seed = i;
        tasks.add(() -> valuesSurvive(seed));
      }
      for (var result : threads.invokeAll(tasks)) {
        assertTrue(result.get());
      }
    }
    assertEquals(0, runtime.pool().bytesInUse());
  }

  private boolean valuesSurvive(int seed) {
    for (int round = 0; round < 40; round++) {
      int length = 1 + (seed * 31 + round * 977) % 5000;
      Storage storage = memory.allocate(DType.INT32, length);
      int[] values = new int[length];
      Arrays.setAll(values, i -> seed * 100_000 + i);
      memory.write(values, storage);
      int[] back = new int[length];
      memory.read(storage, back);
      memory.release(storage);
      if (!Arrays.equals(values, back)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void anEmptySliceIsNoStorageOfItsOwn() {
    CudaStorage one = memory.allocate(DType.FLOAT32, 1);

    assertThrows(IllegalStateException.class, () -> memory.release(one.slice(1, 0)));
    memory.release(one);
  }

  @Test
  void readingNothingTellsWhatWentWrongBefore() {
    var table = memory.allocate(DType.FLOAT32, 2);
    memory.write(new float[] {1, 2}, table);
    var ids = memory.allocate(DType.INT32, 1);
    memory.write(new int[] {2}, ids);
    new RowKernels(runtime).gatherRows(1, table, ids, memory.allocate(DType.FLOAT32, 1));

    var e =
        assertThrows(
            IndexOutOfBoundsException.class, () -> memory.read(table.slice(0, 0), new float[0]));

    assertTrue(e.getMessage().contains("index 2, expected 0 to 1"), e.getMessage());
    memory.read(table, new float[2]);
  }
}
