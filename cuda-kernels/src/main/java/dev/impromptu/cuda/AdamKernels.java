package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.LaunchShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of {@code adam.cu}: the update, and the norm that every optimizer's clipping needs.
 */
final class AdamKernels {
  /** What a block of the norm adds up at least, and into how many blocks a tensor is cut. */
  private static final int NORM_PIECE = 4096;

  private static final int MOST_NORM_BLOCKS = 64;

  private final CudaRuntime runtime;
  private final KernelFamily kernels;
  private final SlotLauncher launcher;

  AdamKernels(CudaRuntime runtime) {
    this.runtime = runtime;
    kernels = runtime.family("adam");
    launcher = new SlotLauncher(runtime, kernels);
  }

  /** {@link dev.impromptu.backend.Backend#norm}. */
  void norm(List<Storage> parts, Storage norm) {
    List<CudaStorage> filled =
        parts.stream().map(CudaStorage::floats).filter(part -> part.length() > 0).toList();
    if (filled.isEmpty()) {
      floats(norm).span().fill(0);
      return;
    }
    List<LaunchShape> shapes = new ArrayList<>();
    int partials = 0;
    for (int first = 0; first < filled.size(); first += SlotLauncher.SLOTS) {
      List<CudaStorage> group = SlotLauncher.group(filled, first);
      int longest = group.stream().mapToInt(CudaStorage::length).max().orElseThrow();
      int blocks = Math.clamp(Math.ceilDiv(longest, NORM_PIECE), 1, MOST_NORM_BLOCKS);
      shapes.add(new LaunchShape(blocks, group.size(), SlotLauncher.THREADS, 0));
      partials += blocks * group.size();
    }
    // In double precision.
    try (CudaStorage sums = runtime.allocate(DType.FLOAT32, 2 * partials)) {
      int written = 0;
      for (int i = 0; i < shapes.size(); i++) {
        LaunchShape shape = shapes.get(i);
        List<@Nullable Object> arguments = new ArrayList<>();
        for (CudaStorage part : SlotLauncher.group(filled, i * SlotLauncher.SLOTS)) {
          arguments.add(part);
          arguments.add(part.length());
        }
        for (int empty = shape.rows(); empty < SlotLauncher.SLOTS; empty++) {
          arguments.add(null);
          arguments.add(0);
        }
        arguments.add(sums);
        arguments.add(written);
        kernels.launch("squares", shape, arguments.toArray());
        written += shape.blocks() * shape.rows();
      }
      kernels.launch("root", LaunchShape.of(1, SlotLauncher.THREADS), sums, floats(norm), partials);
    }
  }

  /** {@link dev.impromptu.backend.Backend#adam}. */
  void adam(AdamStep step, List<AdamSlot> slots) {
    launcher.launch(
        "adam",
        step,
        slots.stream()
            .map(
                slot ->
                    Arrays.<@Nullable Storage>asList(
                        slot.parameter(), slot.gradient(), slot.mean(), slot.variance()))
            .toList(),
        (float) step.beta1(),
        (float) (1 - step.beta1()),
        (float) step.beta2(),
        (float) (1 - step.beta2()),
        (float) step.epsilon(),
        (float) step.rates().scale(),
        (float) (step.rates().scale() * step.rates().weightDecay()));
  }
}
