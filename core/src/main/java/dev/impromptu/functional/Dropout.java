package dev.impromptu.functional;

import dev.impromptu.backend.PhiloxKey;
import dev.impromptu.tensor.DifferentiableOp;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sets elements to zero at random (Srivastava et al., "Dropout", 2014); PyTorch's {@code
 * functional.dropout}.
 *
 * @param rate probability of a zero
 * @param key of the mask, from which the backward makes it anew
 */
public record Dropout(double rate, PhiloxKey key) implements DifferentiableOp {
  /** Checks the rate. */
  public Dropout {
    requireRate(rate);
  }

  /**
   * Checks a rate.
   *
   * @throws IllegalArgumentException when it is outside [0, 1)
   */
  public static void requireRate(double rate) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "dropout: rate " + rate + " must be at least 0 and less than 1");
    }
  }

  /**
   * In training, {@code x} with elements dropped and the others divided by {@code 1 - rate}; {@code
   * x} itself otherwise.
   *
   * @param x any shape
   * @param rate probability of a zero, in [0, 1)
   */
  public static Tensor dropout(Tensor x, double rate, Mode mode) {
    return mode.isTraining() && rate != 0 ? Tape.run(new Dropout(rate, mode.nextKey()), x) : x;
  }

  @Override
  public String name() {
    return "dropout";
  }

  @Override
  public Forward forward(List<Tensor> inputs) {
    return Forward.of(masked(inputs.getFirst()));
  }

  @Override
  public List<@Nullable Tensor> backward(Backward context) {
    return List.of(masked(context.outputGradient()));
  }

  private Tensor masked(Tensor x) {
    Tensor y = Tensor.empty(x.device(), x.shape());
    x.device().backend().dropout(rate, key, x.storage(), y.storage());
    return y;
  }
}
