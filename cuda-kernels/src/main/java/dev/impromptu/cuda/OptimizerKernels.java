package dev.impromptu.cuda;

import dev.impromptu.backend.RmsPropSlot;
import dev.impromptu.backend.RmsPropStep;
import dev.impromptu.backend.SgdSlot;
import dev.impromptu.backend.SgdStep;
import java.util.Arrays;
import java.util.List;

/** The kernels of {@code optimizers.cu}. */
final class OptimizerKernels {
  private final SlotLauncher launcher;

  OptimizerKernels(CudaRuntime runtime) {
    launcher = new SlotLauncher(runtime, runtime.family("optimizers"));
  }

  /** {@link dev.impromptu.backend.Backend#sgd}. */
  void sgd(SgdStep step, List<SgdSlot> slots) {
    launcher.launch(
        "sgd",
        step,
        slots.stream()
            .map(slot -> Arrays.asList(slot.parameter(), slot.gradient(), slot.velocity()))
            .toList(),
        (float) step.momentum(),
        step.nesterov() ? 1 : 0,
        (float) step.rates().scale(),
        (float) step.rates().weightDecay());
  }

  /** {@link dev.impromptu.backend.Backend#rmsProp}. */
  void rmsProp(RmsPropStep step, List<RmsPropSlot> slots) {
    launcher.launch(
        "rms_prop",
        step,
        slots.stream()
            .map(
                slot ->
                    Arrays.asList(
                        slot.parameter(),
                        slot.gradient(),
                        slot.square(),
                        slot.mean(),
                        slot.velocity()))
            .toList(),
        (float) step.alpha(),
        (float) (1 - step.alpha()),
        (float) step.epsilon(),
        (float) step.momentum(),
        (float) step.rates().scale(),
        (float) step.rates().weightDecay());
  }
}
