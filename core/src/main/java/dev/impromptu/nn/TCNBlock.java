package dev.impromptu.nn;

import dev.impromptu.functional.Dropout;
import dev.impromptu.functional.Mode;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The residual block of a temporal convolutional network (Bai et al., "An empirical evaluation of
 * generic convolutional and recurrent networks for sequence modeling", 2018): twice a causal
 * convolution with weight normalisation, ReLU and dropout; then the input is added, through a 1 x 1
 * convolution where the channels differ, and ReLU follows. Names are those of its authors' code.
 */
public final class TCNBlock implements Layer {
  private final WeightNormConv1d conv1;
  private final WeightNormConv1d conv2;
  private final @Nullable CausalConv1d downsample;
  private final double dropout;

  /**
   * Makes the block.
   *
   * @param in channels that come in
   * @param out channels that go out
   * @param kernel taps of each convolution
   * @param dilation steps from one tap to the next
   * @param dropout probability of a zero in training, in [0, 1)
   */
  public TCNBlock(
      Device device,
      int in,
      int out,
      int kernel,
      int dilation,
      double dropout,
      PhiloxRandom random) {
    Dropout.requireRate(dropout);
    conv1 = new WeightNormConv1d(device, in, out, kernel, dilation, random);
    conv2 = new WeightNormConv1d(device, out, out, kernel, dilation, random);
    downsample = in == out ? null : new CausalConv1d(device, in, out, 1, 1, random);
    this.dropout = dropout;
  }

  /** {@code [batch, time, in] -> [batch, time, out]}. */
  @Override
  public Tensor forward(Tensor x, Mode mode) {
    Tensor first = Dropout.dropout(conv1.forward(x).relu(), dropout, mode);
    Tensor second = Dropout.dropout(conv2.forward(first).relu(), dropout, mode);
    Tensor beside = downsample == null ? x : downsample.forward(x);
    return second.plus(beside).relu();
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.child("conv1", conv1);
    visitor.child("conv2", conv2);
    if (downsample != null) {
      visitor.child("downsample", downsample);
    }
  }
}
