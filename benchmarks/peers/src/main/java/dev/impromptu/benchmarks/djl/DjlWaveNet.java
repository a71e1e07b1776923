package dev.impromptu.benchmarks.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.nn.WaveNet;

/** The WaveNet of {@link Task#WAVENET}, in PyTorch's order of channels before time. */
final class DjlWaveNet {
  private static final WaveNet.Sizes SIZES = Task.WAVENET;

  private final Weights weights;

  DjlWaveNet(Weights weights) {
    this.weights = weights;
  }

  /**
   * At every step.
   *
   * @param ids {@code [batch, time]}, of 64 bits
   * @return {@code [batch, vocabulary, time]}
   */
  NDArray logits(NDArray ids) {
    return head(skipSum(ids, false));
  }

  /** The same at the last step alone, {@code [batch, vocabulary, 1]}. */
  NDArray lastLogits(NDArray ids) {
    return head(skipSum(ids, true));
  }

  private NDArray skipSum(NDArray ids, boolean last) {
    NDArray embedded =
        ids.getNDArrayInternal()
            .embedding(ids, weights.of("embedding.weight"), SparseFormat.DENSE)
            .singletonOrThrow();
    NDArray residual = convolution("wavenet.input", embedded.transpose(0, 2, 1), 1);
    NDArray sum = null;
    int layers = SIZES.stacks() * SIZES.layers();
    for (int i = 0; i < layers; i++) {
      String layer = "wavenet.layers." + i;
      int dilation = 1 << i % SIZES.layers();
      NDArray gated = gated(layer, residual, dilation);
      NDArray seen = last ? gated.get(":,:,-1:") : gated;
      NDArray part = convolution(layer + ".skip", seen, 1);
      sum = sum == null ? part : sum.add(part);
      if (i + 1 < layers) {
        residual = residual.add(convolution(layer + ".residual", gated, 1));
      }
    }
    return java.util.Objects.requireNonNull(sum);
  }

  private NDArray gated(String layer, NDArray x, int dilation) {
    NDArray padded = x.pad(new Shape((SIZES.kernel() - 1L) * dilation, 0), 0);
    NDArray both = convolution(layer + ".dilated", padded, dilation);
    var halves = both.split(2, 1);
    return halves
        .get(0)
        .getNDArrayInternal()
        .tanh()
        .mul(halves.get(1).getNDArrayInternal().sigmoid());
  }

  private NDArray head(NDArray skip) {
    NDArray hidden = convolution("conv1", skip.getNDArrayInternal().relu(), 1);
    return convolution("conv2", hidden.getNDArrayInternal().relu(), 1);
  }

  private NDArray convolution(String name, NDArray x, int dilation) {
    return x.getNDArrayInternal()
        .convolution(
            x,
            weights.of(name + ".weight"),
            weights.of(name + ".bias"),
            new Shape(1),
            new Shape(0),
            new Shape(dilation),
            1)
        .singletonOrThrow();
  }
}
