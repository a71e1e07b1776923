/**
 * What is timed on a GPU machine, without JMH: our kernels beside every algorithm of cuDNN, and the
 * original project's training step beside PyTorch. {@code scripts/gpu-bundle} packs it; {@code run
 * bench} starts it.
 */
@NullMarked
package dev.impromptu.benchmarks.gpu;

import org.jspecify.annotations.NullMarked;
