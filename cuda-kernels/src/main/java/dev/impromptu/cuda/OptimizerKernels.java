package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.backend.RmsPropSlot;
import dev.impromptu.backend.RmsPropStep;
import dev.impromptu.backend.SgdSlot;
import dev.impromptu.backend.SgdStep;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.LaunchShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of {@code optimizers.cu}, launched as {@link AdamKernels} launches its own. Rates are
 * not computed from the steps but read from {@link CudaRuntime#step}, which the caller has set.
 */
final class OptimizerKernels {
  private final CudaRuntime runtime;
  private final KernelFamily kernels;

  OptimizerKernels(CudaRuntime runtime) {
    this.runtime = runtime;
    kernels = runtime.family("optimizers");
  }

  /** {@link dev.impromptu.backend.Backend#sgd}. */
  void sgd(SgdStep step, List<SgdSlot> slots) {
    launch(
        "sgd",
        step,
        slots.stream()
            .map(slot -> Arrays.asList(slot.parameter(), slot.gradient(), slot.velocity()))
            .toList(),
        (float) step.momentum(),
        step.nesterov() ? 1 : 0);
  }

  /** {@link dev.impromptu.backend.Backend#rmsProp}. */
  void rmsProp(RmsPropStep step, List<RmsPropSlot> slots) {
    launch(
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
        (float) step.momentum());
  }

  /**
   * Launches a kernel for as many tensors at a time as it takes.
   *
   * @param tensors for each parameter itself, then what goes with it
   * @param own what the kernel takes after them
   */
  private void launch(
      String kernel, OptimizerStep step, List<List<@Nullable Storage>> tensors, Object... own) {
    var filled = tensors.stream().filter(slot -> length(slot) > 0).toList();
    for (int first = 0; first < filled.size(); first += AdamKernels.SLOTS) {
      var group = AdamKernels.group(filled, first);
      List<@Nullable Object> arguments = new ArrayList<>();
      int longest = 0;
      for (var slot : group) {
        slot.forEach(part -> arguments.add(part == null ? null : floats(part)));
        arguments.add(length(slot));
        longest = Math.max(longest, length(slot));
      }
      for (int empty = group.size(); empty < AdamKernels.SLOTS; empty++) {
        group.getFirst().forEach(_ -> arguments.add(null));
        arguments.add(0);
      }
      arguments.addAll(List.of(own));
      arguments.add((float) step.rates().scale());
      arguments.add((float) step.rates().weightDecay());
      arguments.add(runtime.step());
      GradientClip clip = step.clip();
      arguments.add(clip == null ? null : floats(clip.norm()));
      arguments.add(clip == null ? 0f : (float) clip.maxNorm());
      int blocks =
          Math.clamp(Math.ceilDiv(longest, 4 * AdamKernels.THREADS), 1, AdamKernels.MOST_BLOCKS);
      kernels.launch(
          kernel,
          new LaunchShape(blocks, group.size(), AdamKernels.THREADS, 0),
          arguments.toArray());
    }
  }

  private static int length(List<@Nullable Storage> slot) {
    Storage parameter = slot.getFirst();
    return parameter == null ? 0 : parameter.length();
  }
}
