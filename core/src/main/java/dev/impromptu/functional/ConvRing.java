package dev.impromptu.functional;

import dev.impromptu.backend.ConvShape;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Op;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.List;

/**
 * What a {@link CausalConv1d} that runs step by step remembers: the inputs its taps still look back
 * on, in a ring where each new one takes the place of the oldest. Before the first step they are
 * zeros, as in the convolution over whole sequences.
 *
 * <p>Its memory belongs to the scope it was made in. It has no gradient: train on whole sequences.
 */
public final class ConvRing {
  private final Tensor inputs;
  private final int kernel;
  private final int dilation;
  private int position;

  /**
   * A ring before the first step.
   *
   * @param batch sequences that run together
   * @param inChannels features of the input
   * @param kernel taps, at least 1
   * @param dilation steps from one tap to the next, at least 1
   */
  public ConvRing(Device device, int batch, int inChannels, int kernel, int dilation) {
    CausalConv1d.requireDilation("ConvRing", dilation);
    int history = new ConvShape(batch, 1, inChannels, 1, kernel, dilation).history();
    this.inputs = Tensor.zeros(device, Shape.of(batch, Math.max(1, history), inChannels));
    this.kernel = kernel;
    this.dilation = dilation;
  }

  /**
   * The next step of the convolution.
   *
   * @param x {@code [batch, in]}
   * @param weight {@code [out, in, kernel]}
   * @param bias {@code [out]}
   * @return {@code [batch, out]}
   * @throws IllegalArgumentException when the sizes do not fit to each other or to this ring
   * @throws IllegalStateException when an input is tracked and operations are recorded: a step has
   *     no gradient, so call it in {@link dev.impromptu.tensor.Scope#inference}
   */
  public Tensor step(Tensor x, Tensor weight, Tensor bias) {
    return run(x, weight, bias, inputs);
  }

  /** The next step of the convolution, without a bias. */
  public Tensor step(Tensor x, Tensor weight) {
    return run(x, weight, inputs);
  }

  private Tensor run(Tensor... tensors) {
    Tensor y = Tape.run(new Step(kernel, dilation, position), tensors);
    // Counted around, so that a stream may be as long as it likes.
    position = (position + 1) % Math.max(1, (kernel - 1) * dilation);
    return y;
  }

  /** Its inputs are x, the weight, perhaps a bias, and the ring. */
  private record Step(int kernel, int dilation, int position) implements Op {
    @Override
    public String name() {
      return "causalConv1dStep";
    }

    @Override
    public Forward forward(List<Tensor> tensors) {
      Tensor x = tensors.get(0);
      Tensor weight = tensors.get(1);
      Tensor ring = tensors.getLast();
      List<Tensor> given = tensors.subList(0, tensors.size() - 1);
      requireFit(x.shape(), weight.shape(), ring.shape());
      if (given.size() > 2) {
        CausalConv1d.requireBias(name(), weight.shape(), given.get(2).shape());
      }
      int out = weight.shape().size(0);
      int batch = x.shape().size(0);
      var shape = new ConvShape(batch, 1, x.shape().size(1), out, kernel, dilation);
      Tensor y = Tensor.empty(x.device(), Shape.of(batch, out));
      x.device()
          .backend()
          .causalConv1dStep(
              shape,
              x.storage(),
              weight.storage(),
              CausalConv1d.bias(given),
              ring.storage(),
              position,
              y.storage());
      return Forward.of(y);
    }

    private void requireFit(Shape x, Shape weight, Shape ring) {
      if (x.rank() != 2) {
        throw new IllegalArgumentException(
            "%s: expected an input [batch, channels], but it is %s".formatted(name(), x));
      }
      CausalConv1d.requireWeight(name(), x, weight);
      if (weight.size(2) != kernel) {
        throw new IllegalArgumentException(
            "%s: weight %s has %d taps, but the ring was made for %d"
                .formatted(name(), weight, weight.size(2), kernel));
      }
      if (ring.size(0) != x.size(0) || ring.size(2) != x.size(1)) {
        throw new IllegalArgumentException(
            "%s: input is %s, but the ring was made for [%d, %d]"
                .formatted(name(), x, ring.size(0), ring.size(2)));
      }
    }
  }
}
