package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.random;
import static dev.impromptu.cuda.KernelTrial.randomInts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.impromptu.backend.Reduction;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
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
  void placesOfAnAxisAreTakenAndAddedToByTheirIndices() {
    // Outer, length, ids, inner.
    int[][] shapes = {{1, 1, 1, 1}, {3, 7, 9, 1}, {1, 33, 5, 8}, {7, 2, 257, 3}, {2, 300, 2, 130}};
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new RowKernels(trial.runtime);
          for (int[] shape : shapes) {
            var axis = new Reduction(shape[0], shape[1], shape[3]);
            int places = shape[0] * shape[1] * shape[3];
            int count = shape[0] * shape[2] * shape[3];
            var ids = trial.ints(randomInts(count, shape[1], 7), 1);
            trial.agree(
                "gathered " + Arrays.toString(shape),
                1,
                o -> REFERENCE.gatherAlong(axis, o[0], o[1], o[2]),
                o -> kernels.gatherAlong(axis, o[0], o[1], o[2]),
                trial.floats(random(places, 8), 1),
                ids,
                trial.unwritten(count, 3));
            trial.agree(
                "scattered " + Arrays.toString(shape),
                shape[2],
                o -> REFERENCE.scatterAddAlong(axis, o[0], o[1], o[2]),
                o -> kernels.scatterAddAlong(axis, o[0], o[1], o[2]),
                ids,
                trial.floats(random(count, 9), 2),
                trial.floats(random(places, 10), 1));
          }
        });
  }

  @Test
  void oneHotRowsHaveAOneAtTheirIdAndNoneWhereItIsIgnored() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new RowKernels(trial.runtime);
          var out = trial.unwritten(12, 1);
          for (int ignored : new int[] {-100, -1, 3}) {
            var ids = trial.ints(new int[] {2, ignored, 0, 1}, 1);
            kernels.oneHot(3, OptionalInt.of(ignored), ids.device(), out.device());
            assertArrayEquals(new float[] {0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0}, trial.read(out));
          }
          // A class that is ignored has no 1 either, and 0 is ignored only where that is said.
          var ids = trial.ints(new int[] {2, 0, 0, 1}, 0);
          kernels.oneHot(3, OptionalInt.of(0), ids.device(), out.device());
          assertArrayEquals(new float[] {0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0}, trial.read(out));
          kernels.oneHot(3, OptionalInt.empty(), ids.device(), out.device());
          assertArrayEquals(new float[] {0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0}, trial.read(out));
        });
  }

  @Test
  void anIdThatIsNoPlaceIsReportedAtTheNextRead() {
    for (int bad : new int[] {-1, 3}) {
      KernelTrial.onEachChip(
          trial -> {
            var kernels = new RowKernels(trial.runtime);
            var axis = new Reduction(1, 3, 1);
            var ids = trial.ints(new int[] {1, bad}, 0);
            var two = trial.floats(new float[] {4, 5}, 0);
            var three = trial.floats(new float[] {1, 2, 3}, 0);
            String expected =
                "cuda: an operation before this read met index %d, expected 0 to 2".formatted(bad);

            kernels.gatherAlong(axis, three.device(), ids.device(), two.device());
            var e = assertThrows(IndexOutOfBoundsException.class, () -> trial.read(two));
            assertEquals(expected, e.getMessage());
            assertArrayEquals(new float[] {2, 5}, trial.read(two));

            kernels.scatterAddAlong(axis, ids.device(), two.device(), three.device());
            e = assertThrows(IndexOutOfBoundsException.class, () -> trial.read(three));
            assertEquals(expected, e.getMessage());
            assertArrayEquals(new float[] {1, 4, 3}, trial.read(three));

            var out = trial.unwritten(6, 0);
            for (var ignored : List.of(OptionalInt.empty(), OptionalInt.of(-100))) {
              kernels.oneHot(3, ignored, ids.device(), out.device());
              e = assertThrows(IndexOutOfBoundsException.class, () -> trial.read(out));
              assertEquals(expected, e.getMessage());
            }
          });
    }
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
  void nothingButTheRowsIsAdded() {
    KernelTrial.onEachChip(
        trial -> {
          // Even a zero would show: it turns -0 into +0.
          var table = trial.floats(new float[] {-0f}, 0);
          new RowKernels(trial.runtime)
              .scatterAddRows(
                  1,
                  trial.ints(new int[1], 0).device(),
                  trial.floats(new float[] {-0f}, 0).device(),
                  table.device());
          assertArrayEquals(new float[] {-0f}, trial.read(table));
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
  void ofTwoReportsBeforeOneReadTheFirstIsTold() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new RowKernels(trial.runtime);
          var out = trial.floats(new float[] {1}, 0);
          var five = trial.floats(new float[5], 0).device();
          var three = trial.floats(new float[3], 0).device();
          kernels.gatherRows(1, five, trial.ints(new int[] {-2}, 0).device(), out.device());
          kernels.gatherRows(1, three, trial.ints(new int[] {7}, 0).device(), out.device());

          var e = assertThrows(IndexOutOfBoundsException.class, () -> trial.read(out));
          assertEquals(
              "cuda: an operation before this read met index -2, expected 0 to 4", e.getMessage());
          assertArrayEquals(new float[] {1}, trial.read(out));
        });
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

  @Test
  void anEmptyTableHasNoPlaceForAnyId() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new RowKernels(trial.runtime);
          var ids = trial.ints(new int[] {0}, 0);
          var row = trial.floats(new float[] {1, 2}, 0);
          kernels.scatterAddRows(2, ids.device(), row.device(), trial.unwritten(0, 0).device());

          var e = assertThrows(IndexOutOfBoundsException.class, () -> trial.read(row));
          assertTrue(e.getMessage().contains("index 0"), e.getMessage());
        });
  }
}
