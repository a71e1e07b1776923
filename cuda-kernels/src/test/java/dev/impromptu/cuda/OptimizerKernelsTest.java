package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.random;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.ParameterRates;
import dev.impromptu.backend.RmsPropSlot;
import dev.impromptu.backend.RmsPropStep;
import dev.impromptu.backend.SgdSlot;
import dev.impromptu.backend.SgdStep;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.KernelTrial.Both;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("optimizers")
class OptimizerKernelsTest {
  /** More than one launch takes, one of them empty, one of several blocks. */
  private static final int[] LENGTHS = {1, 7, 8, 9, 0, 33, 255, 256, 257, 5000, 12};

  private static final ParameterRates RATES = new ParameterRates(0.5, 0.25);

  /** Parameter, gradient, square, mean and velocity of one tensor. */
  private record Operands(Both p, Both g, Both s, Both m, Both v) {
    SgdSlot sgd(Function<Both, Storage> side, boolean heavy) {
      return new SgdSlot(side.apply(p), side.apply(g), heavy ? side.apply(v) : null);
    }

    RmsPropSlot rmsProp(Function<Both, Storage> side, boolean centered, boolean heavy) {
      return new RmsPropSlot(
          side.apply(p),
          side.apply(g),
          side.apply(s),
          centered ? side.apply(m) : null,
          heavy ? side.apply(v) : null);
    }
  }

  @Test
  void tenStepsOfGradientDescentAgreeWithTheReference() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new OptimizerKernels(trial.runtime);
          for (double momentum : new double[] {0, 0.9}) {
            for (boolean nesterov : new boolean[] {false, true}) {
              var all = operands(trial);
              var norm = trial.floats(new float[] {3}, 0);
              for (int number = 1; number <= 10; number++) {
                double dampening = nesterov ? 0 : 0.5;
                long step = number;
                Function<@Nullable GradientClip, SgdStep> at =
                    clip -> new SgdStep(0.1, momentum, dampening, nesterov, step, clip, RATES);
                boolean heavy = momentum > 0;
                REFERENCE.sgd(
                    at.apply(clip(number, norm.reference())),
                    all.stream().map(o -> o.sgd(Both::reference, heavy)).toList());
                var own = at.apply(clip(number, norm.device()));
                trial.runtime.stepBlock().optimizerStep(own);
                kernels.sgd(own, all.stream().map(o -> o.sgd(Both::device, heavy)).toList());
              }
              all.forEach(o -> trial.requireEqual("parameter", 100, o.p));
              all.forEach(o -> trial.requireEqual("velocity", 100, o.v));
            }
          }
        });
  }

  @Test
  void tenStepsOfRmsPropAgreeWithTheReference() {
    KernelTrial.onEachChip(
        trial -> {
          var kernels = new OptimizerKernels(trial.runtime);
          for (boolean centered : new boolean[] {false, true}) {
            for (double momentum : new double[] {0, 0.9}) {
              var all = operands(trial);
              var norm = trial.floats(new float[] {3}, 0);
              for (int number = 1; number <= 10; number++) {
                long step = number;
                Function<@Nullable GradientClip, RmsPropStep> at =
                    clip -> new RmsPropStep(0.01, 0.9, 0.1, momentum, step, clip, RATES);
                boolean heavy = momentum > 0;
                REFERENCE.rmsProp(
                    at.apply(clip(number, norm.reference())),
                    all.stream().map(o -> o.rmsProp(Both::reference, centered, heavy)).toList());
                var own = at.apply(clip(number, norm.device()));
                trial.runtime.stepBlock().optimizerStep(own);
                kernels.rmsProp(
                    own, all.stream().map(o -> o.rmsProp(Both::device, centered, heavy)).toList());
              }
              all.forEach(o -> trial.requireEqual("parameter", 100, o.p));
              all.forEach(o -> trial.requireEqual("square", 10, o.s));
              all.forEach(o -> trial.requireEqual("mean", 10, o.m));
              all.forEach(o -> trial.requireEqual("velocity", 100, o.v));
            }
          }
        });
  }

  /** None, then one so low that it limits, then one so high that it does not. */
  private static @Nullable GradientClip clip(int step, Storage norm) {
    return step <= 3 ? null : new GradientClip(norm, step <= 6 ? 0.5 : 1e6);
  }

  private static List<Operands> operands(KernelTrial trial) {
    List<Operands> all = new ArrayList<>();
    for (int i = 0; i < LENGTHS.length; i++) {
      int n = LENGTHS[i];
      all.add(
          new Operands(
              trial.floats(random(n, i), i % 4),
              trial.floats(random(n, 100 + i), i % 3),
              trial.floats(new float[n], 0),
              trial.floats(new float[n], i % 4),
              trial.floats(new float[n], i % 2)));
    }
    return all;
  }

  @Test
  void theShareOfAGradientIsRoundedOnce() {
    var step = new RmsPropStep(0.01, 0.99, 1e-8, 0, 1, null, new ParameterRates(1, 0));
    KernelTrial.onEachChip(
        trial -> {
          var square = trial.floats(new float[1], 0);
          var mean = trial.floats(new float[1], 0);
          trial.runtime.stepBlock().optimizerStep(step);
          new OptimizerKernels(trial.runtime)
              .rmsProp(
                  step,
                  List.of(
                      new RmsPropSlot(
                          trial.floats(new float[] {1}, 0).device(),
                          trial.floats(new float[] {1}, 0).device(),
                          square.device(),
                          mean.device(),
                          null)));
          assertEquals((float) (1 - 0.99), trial.read(square)[0]);
          assertEquals((float) (1 - 0.99), trial.read(mean)[0]);
        });
  }

  @Test
  void aVarianceThatRoundingMakesNegativeIsNone() {
    // The square of the mean is above the mean of the squares, as it is by rounding alone.
    var step = new RmsPropStep(0.01, 0.5, 0.5, 0, 1, null, new ParameterRates(1, 0));
    KernelTrial.onEachChip(
        trial -> {
          var p = trial.floats(new float[] {1, 1, 1, 1, 1}, 0);
          var g = trial.floats(new float[] {1, 1, 1, 1, 1}, 0);
          var s = trial.floats(new float[] {1, 1, 1, 1, 1}, 0);
          float above = Math.nextUp(Math.nextUp(1f));
          var m = trial.floats(new float[] {above, above, above, above, above}, 0);
          trial.runtime.stepBlock().optimizerStep(step);
          var kernels = new OptimizerKernels(trial.runtime);
          REFERENCE.rmsProp(
              step,
              List.of(
                  new RmsPropSlot(
                      p.reference(), g.reference(), s.reference(), m.reference(), null)));
          kernels.rmsProp(
              step, List.of(new RmsPropSlot(p.device(), g.device(), s.device(), m.device(), null)));
          trial.requireEqual("parameter", 10, p);
        });
  }
}
