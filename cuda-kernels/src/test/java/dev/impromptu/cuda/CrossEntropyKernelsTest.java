package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.random;
import static dev.impromptu.cuda.KernelTrial.randomInts;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("cross_entropy")
class CrossEntropyKernelsTest {
  /** Rows and classes. */
  private static final int[][] SHAPES = {
    {1, 1}, {7, 8}, {9, 33}, {33, 173}, {3, 255}, {2, 257}, {2, 1300}, {4097, 2}
  };

  @Test
  void lossesProbabilitiesAndGradientsAgreeWithTheReference() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new CrossEntropyKernels(trial.runtime);
          for (int[] shape : SHAPES) {
            int rows = shape[0];
            int classes = shape[1];
            float[] logits = random(rows * classes, 1);
            for (int i = 0; i < logits.length; i++) {
              logits[i] *= 20;
            }
            // Beyond what e^x holds, were the greatest not subtracted.
            logits[0] = 1000;
            String what = rows + " rows of " + classes;
            var targets = trial.ints(randomInts(rows, classes, 2), 1);
            var probabilities = trial.unwritten(rows * classes, 3);
            trial.agree(
                what + ", losses",
                classes,
                o -> REFERENCE.crossEntropy(classes, o[0], o[1], o[2], o[3]),
                o -> kernels.crossEntropy(classes, o[0], o[1], o[2], o[3]),
                trial.floats(logits, 1),
                targets,
                probabilities,
                trial.unwritten(rows, 1));
            trial.requireEqual(what + ", probabilities", classes, probabilities);
            trial.agree(
                what + ", gradient",
                classes,
                o -> REFERENCE.crossEntropyBackward(classes, o[0], o[1], o[2], o[3]),
                o -> kernels.crossEntropyBackward(classes, o[0], o[1], o[2], o[3]),
                probabilities,
                targets,
                trial.floats(random(rows, 3), 3),
                trial.unwritten(rows * classes, 1));
          }
        });
  }

  @Test
  void everyOrderOfThreadsGivesTheSameBitsInPlaceToo() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new CrossEntropyKernels(trial.runtime);
          float[] logits = random(5 * 300, 4);
          var targets = trial.ints(randomInts(5, 300, 5), 0);
          var losses = trial.unwritten(5, 0);
          trial.sameBitsInEveryOrder(
              () -> {
                CudaStorage own = trial.floats(logits, 0).device();
                kernels.crossEntropy(300, own, targets.device(), own, losses.device());
              },
              losses);
        });
  }

  @Test
  void aTargetThatIsNoClassIsReportedAtTheNextReadAndItsRowLeftAlone() {
    for (int bad : new int[] {-1, 3}) {
      KernelTrial.onEachChip(
          trial -> {
            var kernels = new CrossEntropyKernels(trial.runtime);
            var targets = trial.ints(new int[] {0, bad}, 0);
            var x = trial.floats(new float[] {0, 0, 0, 1, 2, 3}, 0);
            var p = trial.floats(new float[6], 0);
            var losses = trial.floats(new float[2], 0);
            String expected =
                "cuda: an operation before this read met index %d, expected 0 to 2".formatted(bad);

            kernels.crossEntropy(3, x.device(), targets.device(), p.device(), losses.device());
            var e = assertThrows(IndexOutOfBoundsException.class, () -> trial.read(p));
            assertEquals(expected, e.getMessage());
            float third = 1 / 3f;
            assertArrayEquals(new float[] {third, third, third, 0, 0, 0}, trial.read(p));

            kernels.crossEntropyBackward(
                3, p.device(), targets.device(), losses.device(), x.device());
            e = assertThrows(IndexOutOfBoundsException.class, () -> trial.read(x));
            assertEquals(expected, e.getMessage());
            assertEquals(2, trial.read(x)[4]);
          });
    }
  }

  @Test
  void noRowsAreNoWork() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new CrossEntropyKernels(trial.runtime);
          var none = trial.unwritten(0, 0).device();
          var targets = trial.unwrittenInts(0, 0).device();
          kernels.crossEntropy(5, none, targets, none, none);
          kernels.crossEntropyBackward(5, none, targets, none, none);
          trial.runtime.context().synchronize();
        });
  }
}
