package dev.impromptu.nn;

import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Tensor;
import java.util.List;

/** Layers one after the other, named by their number as in PyTorch's {@code nn.Sequential}. */
public final class Sequential implements Layer {
  private final List<Layer> layers;

  /** Joins layers, the first applied first. */
  public Sequential(Layer... layers) {
    this.layers = List.of(layers);
  }

  @Override
  public Tensor forward(Tensor x, Mode mode) {
    Tensor y = x;
    for (Layer layer : layers) {
      y = layer.forward(y, mode);
    }
    return y;
  }

  @Override
  public void visit(Visitor visitor) {
    for (int i = 0; i < layers.size(); i++) {
      visitor.child(Integer.toString(i), layers.get(i));
    }
  }
}
