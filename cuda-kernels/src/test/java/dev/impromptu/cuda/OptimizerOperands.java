package dev.impromptu.cuda;

import static dev.impromptu.cuda.KernelTrial.REFERENCE;
import static dev.impromptu.cuda.KernelTrial.random;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.backend.ParameterRates;
import dev.impromptu.backend.RmsPropSlot;
import dev.impromptu.backend.RmsPropStep;
import dev.impromptu.backend.SgdSlot;
import dev.impromptu.backend.SgdStep;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.KernelTrial.Both;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** One step of each optimizer on one parameter, whose operands begin where it is asked for. */
final class OptimizerOperands {
  private static final ParameterRates RATES = new ParameterRates(0.5, 0.25);

  private final KernelTrial trial;
  private final int[] offsets;
  private final List<Both> all = new ArrayList<>();

  /**
   * Draws the operands.
   *
   * @param offsets the elements in front of the parameter, its gradient and what the optimizer
   *     keeps of them, in the order of the kernel's parameters
   */
  OptimizerOperands(KernelTrial trial, int size, int... offsets) {
    this.trial = trial;
    this.offsets = offsets;
    for (int i = 0; i < offsets.length; i++) {
      float[] values = random(size, i);
      if (i > 1) {
        // A sum of squares is not below that of the mean.
        for (int j = 0; j < size; j++) {
          values[j] = i % 2 == 0 ? 2 + values[j] : values[j] / 2;
        }
      }
      all.add(trial.floats(values, offsets[i]));
    }
  }

  /** Its operands: parameter, gradient, mean and variance. */
  void adam() {
    var step = new AdamStep(0.01, 0.9, 0.999, 1e-8, 1, null, RATES);
    begin(step);
    REFERENCE.adam(step, List.of(adam(Both::reference)));
    new AdamKernels(trial.runtime).adam(step, List.of(adam(Both::device)));
    requireEqual("adam");
  }

  private AdamSlot adam(Function<Both, Storage> side) {
    // The variance is the one that is not negative.
    return new AdamSlot(of(side, 0), of(side, 1), of(side, 3), of(side, 2));
  }

  /** Its operands: parameter, gradient and velocity. */
  void sgd() {
    var step = new SgdStep(0.1, 0.9, 0.5, false, 2, null, RATES);
    begin(step);
    REFERENCE.sgd(step, List.of(sgd(Both::reference)));
    new OptimizerKernels(trial.runtime).sgd(step, List.of(sgd(Both::device)));
    requireEqual("sgd");
  }

  private SgdSlot sgd(Function<Both, Storage> side) {
    return new SgdSlot(of(side, 0), of(side, 1), of(side, 2));
  }

  /** Its operands: parameter, gradient, square, mean and velocity. */
  void rmsProp() {
    var step = new RmsPropStep(0.01, 0.9, 0.1, 0.9, 1, null, RATES);
    begin(step);
    REFERENCE.rmsProp(step, List.of(rmsProp(Both::reference)));
    new OptimizerKernels(trial.runtime).rmsProp(step, List.of(rmsProp(Both::device)));
    requireEqual("rmsProp");
  }

  private RmsPropSlot rmsProp(Function<Both, Storage> side) {
    return new RmsPropSlot(of(side, 0), of(side, 1), of(side, 2), of(side, 3), of(side, 4));
  }

  private Storage of(Function<Both, Storage> side, int operand) {
    return side.apply(all.get(operand));
  }

  private void begin(OptimizerStep step) {
    trial.runtime.stepBlock().optimizerStep(step);
  }

  private void requireEqual(String optimizer) {
    for (int i = 0; i < offsets.length; i++) {
      String what = "%s from %s, operand %d".formatted(optimizer, Arrays.toString(offsets), i);
      trial.requireEqual(what, 10, all.get(i));
    }
  }
}
