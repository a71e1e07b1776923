package dev.impromptu.nn;

import dev.impromptu.functional.ConvRing;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a {@link WaveNet}: a dilated convolution behind its gate, {@code z = tanh(filter)
 * sigmoid(gate)}; from z one convolution of kernel 1 to the skip channels and one back to the
 * residual channels, which is added to the layer's input.
 *
 * <p>Names: {@code dilated.weight [2 gate, residual, kernel]} with the filter's channels first,
 * {@code skip.weight [skip, gate, 1]}, {@code residual.weight [residual, gate, 1]}, each with its
 * {@code bias}. The last layer of a stack of stacks hands nothing on and has no {@code residual}.
 */
public final class WaveNetLayer implements Module {
  private final CausalConv1d dilated;
  private final CausalConv1d skip;
  private final @Nullable CausalConv1d residual;
  private final int gateChannels;

  /**
   * Makes the layer.
   *
   * @param sizes of the net it is for
   * @param dilation steps from one tap to the next
   * @param last whether no layer follows
   */
  public WaveNetLayer(
      Device device, WaveNet.Sizes sizes, int dilation, boolean last, PhiloxRandom random) {
    gateChannels = sizes.gate();
    dilated =
        new CausalConv1d(
            device, sizes.residual(), 2 * gateChannels, sizes.kernel(), dilation, random);
    skip = new CausalConv1d(device, gateChannels, sizes.skip(), 1, 1, random);
    residual = last ? null : new CausalConv1d(device, gateChannels, sizes.residual(), 1, 1, random);
  }

  /** What the gate lets through: {@code [batch, time, residual] -> [batch, time, gate]}. */
  public Tensor gated(Tensor x) {
    return dilated.gated(x);
  }

  /**
   * The sum of the skip connections up to this layer.
   *
   * @param sum of the layers before, {@code [batch, time, skip]}; null for the first
   * @param gated {@code [batch, time, gate]}
   * @return {@code [batch, time, skip]}
   */
  public Tensor skip(@Nullable Tensor sum, Tensor gated) {
    return sum == null ? skip.forward(gated) : skip.addedTo(sum, gated);
  }

  /**
   * The input of the next layer.
   *
   * @param x the input of this one, {@code [batch, time, residual]}
   * @param gated {@code [batch, time, gate]}
   * @return {@code [batch, time, residual]}
   * @throws IllegalStateException when this is the last layer
   */
  public Tensor onward(Tensor x, Tensor gated) {
    if (residual == null) {
      throw new IllegalStateException(
          "WaveNetLayer: the last layer hands nothing on; use its skip part alone");
    }
    return residual.addedTo(x, gated);
  }

  /** Whether a layer follows. */
  public boolean handsOn() {
    return residual != null;
  }

  /** What {@link #gatedStep} remembers; it belongs to the scope at hand. */
  ConvRing ring(int batch) {
    return dilated.ring(batch);
  }

  /** {@link #gated} for the next step: {@code [batch, 1, residual] -> [batch, 1, gate]}. */
  Tensor gatedStep(Tensor x, ConvRing ring) {
    int batch = x.shape().size(0);
    Tensor both = dilated.step(x.reshape(Shape.of(batch, x.shape().size(2))), ring);
    Tensor filter = both.slice(1, 0, gateChannels).tanh();
    Tensor gate = both.slice(1, gateChannels, 2 * gateChannels).sigmoid();
    return filter.times(gate).reshape(Shape.of(batch, 1, gateChannels));
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.child("dilated", dilated);
    visitor.child("skip", skip);
    if (residual != null) {
      visitor.child("residual", residual);
    }
  }
}
