package dev.impromptu.functional;

import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The convolution with a stride and zeros on both sides; PyTorch's {@code functional.conv1d} but
 * for the order of axes, which is {@code [batch, time, channels]} here. It is made of {@link
 * CausalConv1d}, whose first outputs, which see its own zeros, are cut off.
 */
public final class Conv1d {
  private Conv1d() {}

  /**
   * Convolves.
   *
   * @param x {@code [batch, time, in]}
   * @param weight {@code [out, in, kernel]}
   * @param bias {@code [out]}
   * @param stride steps from one output to the next, at least 1
   * @param padding zeros before and behind, at least 0
   * @param dilation steps from one tap to the next, at least 1
   * @return {@code [batch, (time + 2 padding - dilation (kernel - 1) - 1) / stride + 1, out]}
   * @throws IllegalArgumentException when the sizes do not fit, or no output would be left
   */
  public static Tensor conv1d(
      Tensor x, Tensor weight, Tensor bias, int stride, int padding, int dilation) {
    return convolved(x, weight, bias, stride, padding, dilation);
  }

  /** Convolves without a bias. */
  public static Tensor conv1d(Tensor x, Tensor weight, int stride, int padding, int dilation) {
    return convolved(x, weight, null, stride, padding, dilation);
  }

  private static Tensor convolved(
      Tensor x, Tensor weight, @Nullable Tensor bias, int stride, int padding, int dilation) {
    if (stride < 1 || padding < 0) {
      throw new IllegalArgumentException(
          "conv1d: stride %d must be at least 1, and padding %d at least 0"
              .formatted(stride, padding));
    }
    Tensor padded = padding == 0 || x.shape().rank() != 3 ? x : padded(x, padding);
    Tensor all =
        bias == null
            ? CausalConv1d.causalConv1d(padded, weight, dilation)
            : CausalConv1d.causalConv1d(padded, weight, bias, dilation);
    int first = (weight.shape().size(2) - 1) * dilation;
    int time = all.shape().size(1);
    if (first >= time) {
      throw new IllegalArgumentException(
          "conv1d: a kernel of %d taps and dilation %d spans %d steps, but input %s with padding %d has %d"
              .formatted(weight.shape().size(2), dilation, first + 1, x.shape(), padding, time));
    }
    if (stride == 1) {
      return first == 0 ? all : all.slice(1, first, time);
    }
    int[] kept = IntStream.iterate(first, t -> t < time, t -> t + stride).toArray();
    return Gather.indexSelect(all, 1, Tensor.ofInts(x.device(), Shape.of(kept.length), kept));
  }

  private static Tensor padded(Tensor x, int padding) {
    Tensor zeros = Tensor.zeros(x.device(), x.shape().with(1, padding));
    return Tensor.concat(1, zeros, x, zeros);
  }
}
