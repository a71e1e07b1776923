package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.OptimizerStep;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.LaunchShape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Launches the kernels of the optimizers: several parameters a launch, their addresses as
 * arguments. Rates are not computed from the steps but read from {@link CudaRuntime#step}, which
 * the caller has set.
 */
final class SlotLauncher {
  /** Tensors of a launch. */
  static final int SLOTS = 8;

  static final int THREADS = 256;
  private static final int MOST_BLOCKS = 2048;

  private final CudaRuntime runtime;
  private final KernelFamily kernels;

  SlotLauncher(CudaRuntime runtime, KernelFamily kernels) {
    this.runtime = runtime;
    this.kernels = kernels;
  }

  /**
   * Launches a kernel for as many tensors at a time as it takes.
   *
   * @param tensors for each parameter itself, then what goes with it
   * @param own what the kernel takes after them
   */
  void launch(
      String kernel, OptimizerStep step, List<List<@Nullable Storage>> tensors, Object... own) {
    var filled = tensors.stream().filter(slot -> length(slot) > 0).toList();
    for (int first = 0; first < filled.size(); first += SLOTS) {
      var group = group(filled, first);
      List<@Nullable Object> arguments = new ArrayList<>();
      int longest = 0;
      for (var slot : group) {
        slot.forEach(part -> arguments.add(part == null ? null : floats(part)));
        arguments.add(length(slot));
        longest = Math.max(longest, length(slot));
      }
      for (int empty = group.size(); empty < SLOTS; empty++) {
        group.getFirst().forEach(_ -> arguments.add(null));
        arguments.add(0);
      }
      arguments.addAll(List.of(own));
      arguments.add(runtime.step());
      GradientClip clip = step.clip();
      arguments.add(clip == null ? null : floats(clip.norm()));
      arguments.add(clip == null ? 0f : (float) clip.maxNorm());
      int blocks = Math.clamp(Math.ceilDiv(longest, 4 * THREADS), 1, MOST_BLOCKS);
      kernels.launch(
          kernel, new LaunchShape(blocks, group.size(), THREADS, 0), arguments.toArray());
    }
  }

  static <T> List<T> group(List<T> all, int first) {
    return all.subList(first, Math.min(all.size(), first + SLOTS));
  }

  private static int length(List<@Nullable Storage> slot) {
    Storage parameter = slot.getFirst();
    return parameter == null ? 0 : parameter.length();
  }
}
