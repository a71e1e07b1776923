package dev.impromptu.nn;

import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * A module that maps one tensor to one tensor, so that {@link Sequential} can join it to others.
 */
public interface Layer extends Module {
  /**
   * Runs the layer.
   *
   * @param mode whether it trains; layers that make no difference ignore it
   */
  Tensor forward(Tensor x, Mode mode);

  /** A layer without parameters, such as {@code Layer.of(Tensor::relu)}. */
  static Layer of(UnaryOperator<Tensor> function) {
    return new Layer() {
      @Override
      public Tensor forward(Tensor x, Mode mode) {
        return function.apply(x);
      }

      @Override
      public void visit(Visitor visitor) {
        // It learns nothing.
      }
    };
  }
}
