package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.random;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.ParameterRates;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.KernelTrial.Both;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adam")
class AdamKernelsTest {
  /** More than one launch takes, one of them empty, one of several blocks. */
  private static final int[] LENGTHS = {1, 7, 8, 9, 0, 33, 255, 256, 257, 5000, 12};

  @Test
  void tenStepsAgreeWithTheReference() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new AdamKernels(trial.runtime);
          for (boolean clipped : new boolean[] {false, true}) {
            List<Both[]> slots = new ArrayList<>();
            for (int i = 0; i < LENGTHS.length; i++) {
              slots.add(
                  new Both[] {
                    trial.floats(random(LENGTHS[i], i), i % 4),
                    trial.floats(random(LENGTHS[i], 100 + i), i % 3),
                    trial.floats(new float[LENGTHS[i]], 0),
                    trial.floats(new float[LENGTHS[i]], i % 4)
                  });
            }
            var norm = trial.unwritten(1, 0);
            for (int step = 1; step <= 10; step++) {
              REFERENCE.norm(
                  slots.stream().map(slot -> slot[1].reference()).toList(), norm.reference());
              kernels.norm(
                  slots.stream().map(slot -> (Storage) slot[1].device()).toList(), norm.device());
              trial.requireEqual("norm", 1, norm);
              // So low that it limits, then so high that it does not.
              double most = step <= 5 ? 0.5 : 1e6;
              REFERENCE.adam(
                  step(step, clipped ? new GradientClip(norm.reference(), most) : null),
                  slots.stream()
                      .map(
                          s ->
                              new AdamSlot(
                                  s[0].reference(),
                                  s[1].reference(),
                                  s[2].reference(),
                                  s[3].reference()))
                      .toList());
              AdamStep own = step(step, clipped ? new GradientClip(norm.device(), most) : null);
              trial.runtime.stepBlock().optimizerStep(own);
              kernels.adam(
                  own,
                  slots.stream()
                      .map(
                          s ->
                              new AdamSlot(
                                  s[0].device(), s[1].device(), s[2].device(), s[3].device()))
                      .toList());
            }
            for (int i = 0; i < LENGTHS.length; i++) {
              trial.requireEqual("parameter " + i, 100, slots.get(i)[0]);
              trial.requireEqual("mean " + i, 10, slots.get(i)[2]);
              trial.requireEqual("variance " + i, 10, slots.get(i)[3]);
            }
          }
        });
  }

  private static AdamStep step(long number, @Nullable GradientClip clip) {
    // An epsilon that counts: without one, the rate and the root of the correction could trade
    // places.
    return new AdamStep(0.01, 0.9, 0.999, 1e-2, number, clip, new ParameterRates(0.5, 0.25));
  }

  @Test
  void aNormHoldsWhatSquaresOf32BitsWouldNot() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new AdamKernels(trial.runtime);
          var norm = trial.unwritten(1, 0);
          var part = trial.floats(new float[] {3e25f, 4e25f}, 1);
          kernels.norm(List.of(part.device()), norm.device());
          assertEquals(5e25f, trial.read(norm)[0], 1e19f);
          kernels.norm(List.of(), norm.device());
          assertEquals(0, trial.read(norm)[0]);
        });
  }

  @Test
  void everyOrderOfThreadsGivesTheSameBits() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new AdamKernels(trial.runtime);
          List<Storage> parts = new ArrayList<>();
          for (int i = 0; i < LENGTHS.length; i++) {
            parts.add(trial.floats(random(LENGTHS[i], 200 + i), 1).device());
          }
          var norm = trial.unwritten(1, 0);
          trial.sameBitsInEveryOrder(() -> kernels.norm(parts, norm.device()), norm);
        });
  }

  @Test
  void everySquareOfFourIsTakenInDoublePrecision() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new AdamKernels(trial.runtime);
          for (int place = 0; place < 5; place++) {
            var values = new float[5];
            values[place] = 3e25f;
            var norm = trial.unwritten(1, 0);
            kernels.norm(List.of(trial.floats(values, 0).device()), norm.device());
            assertEquals(3e25f, trial.read(norm)[0], 1e19f, "element " + place);
          }
        });
  }

  @Test
  void theSharesOfAGradientAreRoundedOnce() {
    // 1 - 0.999 in 32 bits is off in the fifth place.
    var step = new AdamStep(0.01, 0.9, 0.999, 1e-8, 1, null);
    KernelTrial.onEachChip(
        trial -> {
          var mean = trial.floats(new float[1], 0);
          var variance = trial.floats(new float[1], 0);
          trial.runtime.stepBlock().optimizerStep(step);
          new AdamKernels(trial.runtime)
              .adam(
                  step,
                  List.of(
                      new AdamSlot(
                          trial.floats(new float[] {1}, 0).device(),
                          trial.floats(new float[] {1}, 0).device(),
                          mean.device(),
                          variance.device())));
          assertEquals((float) (1 - 0.9), trial.read(mean)[0]);
          assertEquals((float) (1 - 0.999), trial.read(variance)[0]);
        });
  }
}
