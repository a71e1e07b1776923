package dev.impromptu.cuda;

import static dev.impromptu.cuda.CudaStorage.floats;

import dev.impromptu.backend.AdamSlot;
import dev.impromptu.backend.AdamStep;
import dev.impromptu.backend.DType;
import dev.impromptu.backend.GradientClip;
import dev.impromptu.backend.Storage;
import dev.impromptu.cuda.driver.LaunchShape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The kernels of {@code adam.cu}: several parameters a launch, their addresses as arguments. */
final class AdamKernels {
  /** Tensors of a launch. */
  static final int SLOTS = 8;

  static final int THREADS = 256;

  /** What a block of the norm adds up at least, and into how many blocks a tensor is cut. */
  private static final int NORM_PIECE = 4096;

  private static final int MOST_NORM_BLOCKS = 64;
  static final int MOST_BLOCKS = 2048;

  private final CudaRuntime runtime;
  private final KernelFamily kernels;

  AdamKernels(CudaRuntime runtime) {
    this.runtime = runtime;
    kernels = runtime.family("adam");
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
    for (int first = 0; first < filled.size(); first += SLOTS) {
      List<CudaStorage> group = group(filled, first);
      int longest = group.stream().mapToInt(CudaStorage::length).max().orElseThrow();
      int blocks = Math.clamp(Math.ceilDiv(longest, NORM_PIECE), 1, MOST_NORM_BLOCKS);
      shapes.add(new LaunchShape(blocks, group.size(), THREADS, 0));
      partials += blocks * group.size();
    }
    // In double precision.
    try (CudaStorage sums = runtime.allocate(DType.FLOAT32, 2 * partials)) {
      int written = 0;
      for (int i = 0; i < shapes.size(); i++) {
        LaunchShape shape = shapes.get(i);
        List<@Nullable Object> arguments = new ArrayList<>();
        for (CudaStorage part : group(filled, i * SLOTS)) {
          arguments.add(part);
          arguments.add(part.length());
        }
        for (int empty = shape.rows(); empty < SLOTS; empty++) {
          arguments.add(null);
          arguments.add(0);
        }
        arguments.add(sums);
        arguments.add(written);
        kernels.launch("squares", shape, arguments.toArray());
        written += shape.blocks() * shape.rows();
      }
      kernels.launch("root", LaunchShape.of(1, THREADS), sums, floats(norm), partials);
    }
  }

  /**
   * {@link dev.impromptu.backend.Backend#adam}. The rate and root are not computed from {@code
   * step} but read from {@link CudaRuntime#step}, which the caller has set.
   */
  void adam(AdamStep step, List<AdamSlot> slots) {
    List<AdamSlot> filled = slots.stream().filter(slot -> slot.parameter().length() > 0).toList();
    for (int first = 0; first < filled.size(); first += SLOTS) {
      launch(step, group(filled, first));
    }
  }

  private void launch(AdamStep step, List<AdamSlot> slots) {
    List<@Nullable Object> arguments = new ArrayList<>();
    int longest = 0;
    for (AdamSlot slot : slots) {
      int length = slot.parameter().length();
      longest = Math.max(longest, length);
      arguments.add(floats(slot.parameter()));
      arguments.add(floats(slot.gradient()));
      arguments.add(floats(slot.mean()));
      arguments.add(floats(slot.variance()));
      arguments.add(length);
    }
    for (int empty = slots.size(); empty < SLOTS; empty++) {
      for (int pointer = 0; pointer < 4; pointer++) {
        arguments.add(null);
      }
      arguments.add(0);
    }
    arguments.add((float) step.beta1());
    arguments.add((float) (1 - step.beta1()));
    arguments.add((float) step.beta2());
    arguments.add((float) (1 - step.beta2()));
    arguments.add((float) step.epsilon());
    arguments.add((float) step.rates().scale());
    arguments.add((float) (step.rates().scale() * step.rates().weightDecay()));
    arguments.add(runtime.step());
    GradientClip clip = step.clip();
    arguments.add(clip == null ? null : floats(clip.norm()));
    arguments.add(clip == null ? 0f : (float) clip.maxNorm());
    int blocks = Math.clamp(Math.ceilDiv(longest, 4 * THREADS), 1, MOST_BLOCKS);
    kernels.launch("adam", new LaunchShape(blocks, slots.size(), THREADS, 0), arguments.toArray());
  }

  static <T> List<T> group(List<T> all, int first) {
    return all.subList(first, Math.min(all.size(), first + SLOTS));
  }
}
