package dev.impromptu.nn;

import dev.impromptu.functional.ConvRing;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The dilated stack of van den Oord et al., "WaveNet", 2016: a convolution of kernel 1 to the
 * residual channels, then stacks of {@link WaveNetLayer} whose dilations double from 1 on and start
 * again with each stack. Every layer adds to its input what the next one gets, and adds its part to
 * the sum of skip connections, which is the output.
 *
 * <p>Names: {@code input.weight [residual, in, 1]}, {@code input.bias}, and for layer {@code n},
 * counted from 0 through all stacks, those of {@link WaveNetLayer} below {@code layers.n}.
 */
public final class WaveNet implements Module {
  private static final int MOST_LAYERS = 20;

  private final Sizes sizes;
  private final CausalConv1d input;
  private final List<WaveNetLayer> layers = new ArrayList<>();

  /**
   * The sizes of the net.
   *
   * @param in channels that come in
   * @param residual channels between layers
   * @param gate channels of a layer's filter, and of its gate
   * @param skip channels that go out
   * @param kernel taps of a dilated convolution
   * @param stacks how often the dilations start again
   * @param layers of a stack, up to 20; their dilations are {@code 1, 2, 4 … 2^(layers - 1)}
   */
  public record Sizes(
      int in, int residual, int gate, int skip, int kernel, int stacks, int layers) {
    /** Checks them. */
    public Sizes {
      if (Math.min(Math.min(in, residual), Math.min(gate, skip)) < 1
          || Math.min(kernel, Math.min(stacks, layers)) < 1
          || layers > MOST_LAYERS) {
        throw new IllegalArgumentException(
            ("WaveNet: in %d, residual %d, gate %d, skip %d, kernel %d and stacks %d must be at"
                    + " least 1, and layers %d from 1 to %d")
                .formatted(in, residual, gate, skip, kernel, stacks, layers, MOST_LAYERS));
      }
    }

    /** How many steps an output depends on, its own among them. */
    public int receptiveField() {
      int dilations = (1 << layers) - 1;
      return 1 + stacks * (kernel - 1) * dilations;
    }
  }

  /** Makes the net. */
  public WaveNet(Device device, Sizes sizes, PhiloxRandom random) {
    this.sizes = sizes;
    input = new CausalConv1d(device, sizes.in, sizes.residual, 1, 1, random);
    int count = sizes.stacks * sizes.layers;
    for (int i = 0; i < count; i++) {
      int dilation = 1 << i % sizes.layers;
      layers.add(new WaveNetLayer(device, sizes, dilation, i == count - 1, random));
    }
  }

  /** How many steps an output depends on, its own among them. */
  public int receptiveField() {
    return sizes.receptiveField();
  }

  /**
   * Runs over whole sequences, with zeros before the first step of every layer's input.
   *
   * @param x {@code [batch, time, in]}
   * @return the sum of the skip connections, {@code [batch, time, skip]}
   */
  public Tensor forward(Tensor x) {
    return run(x, WaveNetLayer::gated, gated -> gated);
  }

  /**
   * What {@link #forward} gives at the last step, for a fraction of the work: nobody needs the skip
   * connections of the others.
   *
   * @param x {@code [batch, time, in]}
   * @return {@code [batch, skip]}
   */
  public Tensor last(Tensor x) {
    int time = x.shape().size(1);
    Tensor last = run(x, WaveNetLayer::gated, gated -> gated.slice(1, time - 1, time));
    return last.reshape(Shape.of(x.shape().size(0), sizes.skip));
  }

  /** The gated output of a layer, of whole sequences or of a step. */
  @FunctionalInterface
  private interface Gated {
    Tensor of(WaveNetLayer layer, Tensor x);
  }

  /**
   * Through all layers.
   *
   * @param seen which steps' skip connections are wanted
   */
  private Tensor run(Tensor x, Gated gated, UnaryOperator<Tensor> seen) {
    Tensor residual = input.forward(x);
    Tensor sum = null;
    for (WaveNetLayer layer : layers) {
      Tensor z = gated.of(layer, residual);
      sum = layer.skip(sum, seen.apply(z));
      if (layer.handsOn()) {
        residual = layer.onward(residual, z);
      }
    }
    return sum;
  }

  /** What a net that runs step by step remembers; it belongs to the scope it was made in. */
  public static final class State {
    private final List<ConvRing> rings;

    private State(List<ConvRing> rings) {
      this.rings = rings;
    }
  }

  /**
   * The state before the first step.
   *
   * @param batch sequences that run together
   */
  public State state(int batch) {
    return new State(layers.stream().map(layer -> layer.ring(batch)).toList());
  }

  /**
   * The next step, which costs the same however long the sequence already is; what {@link #forward}
   * gives at that step. It has no gradient, so call it in {@link
   * dev.impromptu.tensor.Scope#inference}.
   *
   * @param x {@code [batch, in]}
   * @param state from {@link #state}, changed by the call
   * @return {@code [batch, skip]}
   */
  public Tensor step(Tensor x, State state) {
    int batch = x.shape().size(0);
    var rings = state.rings.iterator();
    Tensor sum =
        run(
            x.reshape(Shape.of(batch, 1, sizes.in)),
            (layer, residual) -> layer.gatedStep(residual, rings.next()),
            gated -> gated);
    return sum.reshape(Shape.of(batch, sizes.skip));
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.child("input", input);
    for (int i = 0; i < layers.size(); i++) {
      visitor.child("layers." + i, layers.get(i));
    }
  }
}
