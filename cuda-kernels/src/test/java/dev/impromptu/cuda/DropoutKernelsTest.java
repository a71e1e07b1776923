package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.SIZES;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.random.Philox;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("dropout")
class DropoutKernelsTest {
  private static final PhiloxKey KEY = new PhiloxKey(0xFEDC_BA98_7654_3210L, 5, 0x1_8000_0003L);

  @Test
  void theSameElementsAreDroppedAsByTheReference() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new DropoutKernels(trial.runtime);
          trial.runtime.stepBlock().randomStep(KEY.step());
          for (int size : SIZES) {
            for (double rate : new double[] {0, 0.1, 0.5, 0.99, 1}) {
              int offset = size % 4;
              var ones = new float[size];
              Arrays.fill(ones, 1);
              var x = trial.floats(ones, offset);
              var y = trial.unwritten(size, 3 - offset);
              kernels.dropout(rate, KEY, x.device(), y.device());
              REFERENCE.dropout(rate, KEY, x.reference(), y.reference());
              var expected = new float[size];
              REFERENCE.read(y.reference(), expected);
              assertArrayEquals(expected, trial.read(y), 1e-5f, size + " elements, rate " + rate);
              kernels.dropout(rate, KEY, x.device(), x.device());
              assertArrayEquals(trial.read(y), trial.read(x), "in place");
            }
          }
        });
  }

  @Test
  void aRateThatIsAFractionOfTheGeneratorIsMetExactly() {
    var words = new int[4];
    Philox.block(0, 5, 3, 1, 7, 0, words, 0);
    var key = new PhiloxKey(7, 5, 0x1_0000_0003L);
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new DropoutKernels(trial.runtime);
          trial.runtime.stepBlock().randomStep(key.step());
          var x = trial.floats(new float[] {1, 1, 1, 1}, 0);
          var y = trial.unwritten(4, 0);
          for (int i = 0; i < 4; i++) {
            double fraction = (words[i] >>> 8) * 0x1p-24;
            kernels.dropout(fraction, key, x.device(), y.device());
            assertEquals(1 / (float) (1 - fraction), trial.read(y)[i]);
            kernels.dropout(Math.nextUp(fraction), key, x.device(), y.device());
            assertEquals(0, trial.read(y)[i]);
          }
        });
  }

  @Test
  void everyStepDropsOthers() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new DropoutKernels(trial.runtime);
          for (long step : new long[] {0, 1, 1L << 32}) {
            var key = new PhiloxKey(3, 0, step);
            trial.runtime.stepBlock().randomStep(step);
            trial.agree(
                "step " + step,
                1,
                o -> REFERENCE.dropout(0.5, key, o[0], o[1]),
                o -> kernels.dropout(0.5, key, o[0], o[1]),
                trial.floats(KernelTrial.random(64, 1), 0),
                trial.unwritten(64, 0));
          }
          CudaStorage none = trial.unwritten(0, 0).device();
          kernels.dropout(0.5, KEY, none, none);
          trial.runtime.context().synchronize();
        });
  }

  @Test
  void theFirstStepOfADeviceIsDrawnToo() {
    var key = new PhiloxKey(7, 0, 0);
    KernelTrial.onEachChip(
        trial -> {
          trial.runtime.stepBlock().randomStep(0);
          trial.agree(
              "step 0",
              1,
              o -> REFERENCE.dropout(0.5, key, o[0], o[1]),
              o -> new DropoutKernels(trial.runtime).dropout(0.5, key, o[0], o[1]),
              trial.floats(KernelTrial.random(33, 1), 0),
              trial.unwritten(33, 0));
        });
  }
}
