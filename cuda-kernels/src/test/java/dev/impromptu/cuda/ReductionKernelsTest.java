package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.ReduceOp;
import dev.impromptu.backend.Reduction;
import dev.impromptu.cuda.driver.LaunchShape;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("reduction")
class ReductionKernelsTest {
  private static final Reduction[] SHAPES = {
    new Reduction(1, 1, 1),
    new Reduction(7, 9, 1),
    new Reduction(33, 257, 1),
    new Reduction(2, 1025, 1),
    new Reduction(1, 8193, 1),
    new Reduction(3, 8195, 1),
    new Reduction(1, 255, 7),
    new Reduction(1, 257, 33),
    new Reduction(3, 257, 33),
    new Reduction(3, 8, 64),
    new Reduction(9, 7, 31),
    new Reduction(4098, 2, 1),
    new Reduction(4099, 1, 2),
    new Reduction(5, 0, 1),
    new Reduction(2, 0, 3),
    new Reduction(0, 4, 1)
  };

  @Test
  void sumsAndGreatestAgreeWithTheReference() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ReductionKernels(trial.runtime);
          for (Reduction shape : SHAPES) {
            for (ReduceOp op : ReduceOp.values()) {
              int offset = op.ordinal();
              trial.agree(
                  op + " " + shape,
                  shape.length(),
                  o -> REFERENCE.reduce(op, shape, o[0], o[1]),
                  o -> kernels.reduce(op, shape, o[0], o[1]),
                  trial.floats(random(shape.outer() * shape.length() * shape.inner(), 1), offset),
                  trial.unwritten(shape.outer() * shape.inner(), 3 * offset));
            }
          }
        });
  }

  @Test
  void nanIsTheGreatestAndInfinitiesCount() {
    float[] values = random(4 * 40, 2);
    values[17] = Float.NaN;
    values[40 + 5] = Float.POSITIVE_INFINITY;
    Arrays.fill(values, 80, 120, Float.NEGATIVE_INFINITY);
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ReductionKernels(trial.runtime);
          for (var shape : new Reduction[] {new Reduction(4, 40, 1), new Reduction(1, 4, 40)}) {
            trial.agree(
                shape.toString(),
                1,
                o -> REFERENCE.reduce(ReduceOp.MAX, shape, o[0], o[1]),
                o -> kernels.reduce(ReduceOp.MAX, shape, o[0], o[1]),
                trial.floats(values, 0),
                trial.unwritten(shape.outer() * shape.inner(), 0));
          }
        });
  }

  @Test
  void aZeroIsGreaterThanItsNegative() {
    float[] values = new float[2 * 33];
    Arrays.fill(values, -0f);
    values[0] = 0;
    values[33 + 32] = 0;
    KernelTrial.onEachChip(
        trial -> {
          var y = trial.unwritten(2, 0);
          new ReductionKernels(trial.runtime)
              .reduce(
                  ReduceOp.MAX,
                  new Reduction(2, 33, 1),
                  trial.floats(values, 0).device(),
                  y.device());
          assertArrayEquals(new float[2], trial.read(y));
        });
  }

  @Test
  void theFirstOfTheGreatestIsFound() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ReductionKernels(trial.runtime);
          for (int columns : new int[] {1, 7, 33, 255, 257, 1025}) {
            float[] x = random(9 * columns, 3);
            for (int i = 0; i < x.length; i++) {
              // Few different values, so that several are greatest.
              x[i] = Math.round(x[i] * 4) / 4f;
            }
            Arrays.fill(x, 0, columns, Float.NEGATIVE_INFINITY);
            x[columns] = Float.NaN;
            x[2 * columns + columns / 2] = Float.NaN;
            Arrays.fill(x, 3 * columns, 4 * columns, -0f);
            x[4 * columns - 1] = 0;
            Arrays.fill(x, 4 * columns, 5 * columns, Float.NaN);
            trial.agree(
                columns + " columns",
                1,
                o -> REFERENCE.argMax(columns, o[0], o[1]),
                o -> kernels.argMax(columns, o[0], o[1]),
                trial.floats(x, 1),
                trial.unwrittenInts(9, 1));
          }
        });
  }

  @Test
  void everyOrderOfThreadsGivesTheSameBits() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new ReductionKernels(trial.runtime);
          for (var shape : new Reduction[] {new Reduction(2, 8193, 1), new Reduction(2, 257, 33)}) {
            var x = trial.floats(random(shape.outer() * shape.length() * shape.inner(), 4), 1);
            var y = trial.unwritten(shape.outer() * shape.inner(), 0);
            trial.sameBitsInEveryOrder(
                () -> kernels.reduce(ReduceOp.SUM, shape, x.device(), y.device()), y);
          }
        });
  }

  @Test
  void aGridCoversNoMoreResultsThanItMay() {
    assertEquals(new LaunchShape(1, 4096, 256, 0), ReductionKernels.columns(70_000, 3));
    assertEquals(new LaunchShape(2, 3, 256, 0), ReductionKernels.columns(3, 33));
  }

  @Test
  void howAnAxisIsCutFollowsFromTheShape() {
    assertEquals(4096, ReductionKernels.chunk(new Reduction(1, 8192, 1)));
    assertEquals(2731, ReductionKernels.chunk(new Reduction(1, 8193, 1)));
    assertEquals(8193, ReductionKernels.chunk(new Reduction(512, 8193, 1)));
    assertEquals(128, ReductionKernels.chunk(new Reduction(1, 256, 32)));
    assertEquals(512, ReductionKernels.chunk(new Reduction(1, 8192, 1024)));
    assertEquals(1, ReductionKernels.chunk(new Reduction(9, 1, 9)));
  }
}
