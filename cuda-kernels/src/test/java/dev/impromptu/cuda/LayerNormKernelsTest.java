package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.StepValues;
import dev.impromptu.cuda.driver.LaunchShape;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer_norm")
class LayerNormKernelsTest {
  /** Rows and width: around warps, tiles of columns, pieces of rows, and where blocks take over. */
  private static final int[][] SHAPES = {
    {1, 1}, {7, 8}, {9, 33}, {8, 31}, {33, 32}, {129, 64}, {257, 7}, {3, 511}, {9, 512}, {2, 513},
    {3, 1025}, {4097, 1}
  };

  @Test
  void valuesAndGradientsAgreeWithTheReference() {
    KernelTrial.onEachChip(
        trial -> {
          for (int[] shape : SHAPES) {
            new LayerNormOperands(trial, shape[0], shape[1]).agree();
          }
        });
  }

  @Test
  void aMeanFarFromZeroCostsNoDigits() {
    float[][] rows = {{1e4f, 1}, {-1e4f, 0.01f}, {1e6f, 1}};
    KernelTrial.onEachChip(
        trial -> {
          for (int width : new int[] {100, 600}) {
            for (float[] row : rows) {
              float[] x = random(3 * width, 5);
              for (int i = 0; i < x.length; i++) {
                x[i] = row[0] + row[1] * x[i];
              }
              new LayerNormOperands(trial, 3, width, x).agree();
            }
          }
        });
  }

  @Test
  void equalElementsBecomeTheBias() {
    KernelTrial.onEachChip(
        trial -> {
          for (int width : new int[] {7, 600}) {
            for (float value : new float[] {0, 0.1f, -1e4f}) {
              var x = new float[2 * width];
              Arrays.fill(x, value);
              var operands = new LayerNormOperands(trial, 2, width, x);
              operands.run();
              float[] bias = random(width, 3);
              float[] y = trial.read(operands.y);
              assertArrayEquals(bias, Arrays.copyOf(y, width), 1e-6f);
              assertArrayEquals(bias, Arrays.copyOfRange(y, width, 2 * width), 1e-6f);
            }
          }
        });
  }

  @Test
  void everyOrderOfThreadsGivesTheSameBits() {
    KernelTrial.onEachChip(
        trial -> {
          for (int[] shape : new int[][] {{300, 33}, {3, 700}}) {
            var operands = new LayerNormOperands(trial, shape[0], shape[1]);
            operands.results().forEach(result -> trial.sameBitsInEveryOrder(operands::run, result));
          }
        });
  }

  @Test
  void aReplayGivesTheBitsOfWhatIsTold() {
    var values = new StepValues(1, new AdamStep(1e-3, 0.9, 0.999, 1e-8, 1, null));
    KernelTrial.onEachChip(
        trial -> {
          for (int[] shape : new int[][] {{300, 33}, {3, 700}}) {
            var told = new LayerNormOperands(trial, shape[0], shape[1]);
            var recorded = new LayerNormOperands(trial, shape[0], shape[1]);
            told.run();
            try (CudaGraph graph = CudaGraph.record(trial.runtime, values, recorded::run)) {
              graph.replay(values);
              for (int i = 0; i < told.results().size(); i++) {
                assertArrayEquals(
                    trial.read(told.results().get(i)), trial.read(recorded.results().get(i)));
              }
            }
          }
        });
  }

  @Test
  void theParametersHaveTheSameGradientsWhereTheInputNeedsNone() {
    KernelTrial.onEachChip(
        trial -> {
          var operands = new LayerNormOperands(trial, 9, 8);
          operands.run();
          float[] dWeight = trial.read(operands.dWeight);
          float[] dBias = trial.read(operands.dBias);
          operands.dWeight.device().span().fill(0);
          operands.dBias.device().span().fill(0);
          operands.parametersAlone();
          assertArrayEquals(dWeight, trial.read(operands.dWeight));
          assertArrayEquals(dBias, trial.read(operands.dBias));
        });
  }

  @Test
  void withoutRowsTheGradientsOfTheParametersAreZero() {
    KernelTrial.onEachChip(
        trial -> {
          var operands = new LayerNormOperands(trial, 0, 3);
          operands.run();
          assertArrayEquals(new float[3], trial.read(operands.dWeight));
          assertArrayEquals(new float[3], trial.read(operands.dBias));
        });
  }

  @Test
  void shortRowsHaveAWarpEachAndLongOnesABlock() {
    assertEquals(LaunchShape.of(2, 256), LayerNormKernels.rows(9, 512));
    assertEquals(LaunchShape.of(9, 256), LayerNormKernels.rows(9, 513));
    assertEquals(LaunchShape.of(4096, 256), LayerNormKernels.rows(100_000, 8));
    assertEquals(LaunchShape.of(4096, 256), LayerNormKernels.rows(100_000, 600));
  }
}
