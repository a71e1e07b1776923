package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.random;
import static dev.impromptu.cuda.KernelTrial.randomInts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("rows")
class RowKernelsTest {
  /** Ids, rows of the table, width. */
  private static final int[][] SHAPES = {
    {1, 1, 1}, {7, 9, 8}, {33, 8, 7}, {255, 17, 9}, {257, 3, 129}, {600, 33, 12}, {9, 40, 256}
  };

  @Test
  void rowsAreTakenByTheirIndices() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new RowKernels(trial.runtime);
          for (int[] shape : SHAPES) {
            for (int offset : new int[] {0, 3}) {
              trial.agree(
                  Arrays.toString(shape),
                  1,
                  o -> REFERENCE.gatherRows(shape[2], o[0], o[1], o[2]),
                  o -> kernels.gatherRows(shape[2], o[0], o[1], o[2]),
                  trial.floats(random(shape[1] * shape[2], 1), offset),
                  trial.ints(randomInts(shape[0], shape[1], 2), 1),
                  trial.unwritten(shape[0] * shape[2], offset));
            }
          }
        });
  }

  @Test
  void rowsAreAddedByTheirIndices() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new RowKernels(trial.runtime);
          for (int[] shape : SHAPES) {
            trial.agree(
                Arrays.toString(shape),
                shape[0],
                o -> REFERENCE.scatterAddRows(shape[2], o[0], o[1], o[2]),
                o -> kernels.scatterAddRows(shape[2], o[0], o[1], o[2]),
                trial.ints(randomInts(shape[0], shape[1], 3), 1),
                trial.floats(random(shape[0] * shape[2], 4), 2),
                trial.floats(random(shape[1] * shape[2], 5), 3));
          }
        });
  }

  @Test
  void rowsAreAddedInTheOrderOfTheirPlaces() {
    int count = 600;
    float[] values = random(count, 6);
    float sum = 0.25f;
    for (float value : values) {
      sum += value;
    }
    float expected = sum;
    KernelTrial.onEachChip(
        trial -> {
          var table = trial.floats(new float[] {0.25f}, 0);
          new RowKernels(trial.runtime)
              .scatterAddRows(
                  1,
                  trial.ints(new int[count], 0).device(),
                  trial.floats(values, 0).device(),
                  table.device());
          assertEquals(expected, trial.read(table)[0]);
        });
  }

  @Test
  void everyOrderOfThreadsGivesTheSameBits() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new RowKernels(trial.runtime);
          var ids = trial.ints(randomInts(300, 9, 7), 0);
          var rows = trial.floats(random(300 * 33, 8), 0);
          var table = trial.floats(new float[9 * 33], 0);
          trial.sameBitsInEveryOrder(
              () -> {
                table.device().span().fill(0);
                kernels.scatterAddRows(33, ids.device(), rows.device(), table.device());
              },
              table);
        });
  }

  @Test
  void anIndexWithoutARowIsReportedAtTheNextReadAndTouchesNothing() {
    for (int bad : new int[] {-1, 5, 8}) {
      KernelTrial.onEachChip(
          trial -> {
            var kernels = new RowKernels(trial.runtime);
            var ids = trial.ints(new int[] {4, bad, 0}, 0);
            var table = trial.floats(new float[5 * 3], 0);
            var rows = trial.floats(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 0);
            String expected =
                "cuda: an operation before this read met index %d, expected 0 to 4".formatted(bad);

            kernels.scatterAddRows(3, ids.device(), rows.device(), table.device());
            var e = assertThrows(IndexOutOfBoundsException.class, () -> trial.read(table));
            assertEquals(expected, e.getMessage());
            assertArrayEquals(
                new float[] {7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3}, trial.read(table));

            kernels.gatherRows(3, table.device(), ids.device(), rows.device());
            e = assertThrows(IndexOutOfBoundsException.class, () -> trial.read(rows));
            assertEquals(expected, e.getMessage());
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, trial.read(rows));
          });
    }
  }

  @Test
  void noIndicesAreNoWork() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new RowKernels(trial.runtime);
          var none = trial.unwritten(0, 0).device();
          var ids = trial.unwrittenInts(0, 0).device();
          var table = trial.floats(new float[] {1, 2}, 0);
          kernels.gatherRows(2, table.device(), ids, none);
          kernels.scatterAddRows(2, ids, none, table.device());
          assertArrayEquals(new float[] {1, 2}, trial.read(table));
        });
  }
}
