package dev.impromptu.cuda;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.backend.Storage;
import org.jspecify.annotations.Nullable;

/**
 * What runs the convolution over whole sequences; the methods are those of {@link
 * dev.impromptu.backend.Backend}. The streaming step is the kernel's in every case: cuDNN has none.
 */
interface ConvOperations extends AutoCloseable {
  /** What runs it and why, for people to read. */
  String description();

  /** {@link dev.impromptu.backend.Backend#causalConv1d}. */
  void forward(
      ConvShape shape,
      Storage x,
      Storage weight,
      @Nullable Storage bias,
      @Nullable Storage added,
      Storage y);

  /** {@link dev.impromptu.backend.Backend#causalConv1dBackwardInput}. */
  void backwardInput(
      ConvShape shape, Storage dy, Storage weight, @Nullable Storage added, Storage dx);

  /** {@link dev.impromptu.backend.Backend#causalConv1dBackwardWeight}. */
  void backwardWeight(
      ConvShape shape, Storage x, Storage dy, Storage dWeight, @Nullable Storage dBias);

  /** {@link dev.impromptu.backend.Backend#gatedConv1d}. */
  void gated(
      ConvShape shape, Storage x, Storage weight, @Nullable Storage bias, Storage gates, Storage y);

  /** Gives back what was prepared, when the work of the stream has ended. */
  @Override
  default void close() {}
}
