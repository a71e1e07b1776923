package dev.impromptu.nn;

import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Tensor;

/**
 * Drops elements in training; PyTorch's {@code nn.Dropout}.
 *
 * @param rate probability of a zero, in [0, 1)
 */
public record Dropout(double rate) implements Layer {
  /** Checks the rate. */
  public Dropout {
    dev.impromptu.functional.Dropout.requireRate(rate);
  }

  /** Any shape to the same. */
  @Override
  public Tensor forward(Tensor x, Mode mode) {
    return dev.impromptu.functional.Dropout.dropout(x, rate, mode);
  }

  @Override
  public void visit(Visitor visitor) {
    // It learns nothing.
  }
}
