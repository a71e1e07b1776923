package dev.impromptu.nn;

import dev.impromptu.functional.Mode;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/** A learned row for each id; PyTorch's {@code nn.Embedding}, first drawn from N(0, 1). */
public final class Embedding implements Layer {
  private final Parameter weight;

  /**
   * Makes the layer.
   *
   * @param rows number of ids
   * @param width features of a row
   */
  public Embedding(Device device, int rows, int width, PhiloxRandom random) {
    weight = Parameter.normal(device, Shape.of(rows, width), random);
  }

  /** Ids {@code [...] -> [..., width]}. */
  public Tensor forward(Tensor ids) {
    return dev.impromptu.functional.Embedding.embedding(ids, weight.value());
  }

  @Override
  public Tensor forward(Tensor ids, Mode mode) {
    return forward(ids);
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.parameter("weight", weight);
  }
}
