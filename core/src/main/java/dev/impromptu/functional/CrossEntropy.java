package dev.impromptu.functional;

import dev.impromptu.backend.DType;
import dev.impromptu.tensor.DifferentiableOp;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Softmax and negative log likelihood in one; PyTorch's {@code functional.cross_entropy}. */
public record CrossEntropy() implements DifferentiableOp {
  /**
   * The mean over the rows of {@code -log softmax(logits)[target]}, in nats.
   *
   * @param logits {@code [rows, classes]}
   * @param targets indices {@code [rows]}
   * @return a scalar
   * @throws IllegalArgumentException when the shapes or types are others
   * @throws IndexOutOfBoundsException when a target is no class
   */
  public static Tensor crossEntropy(Tensor logits, Tensor targets) {
    return perRow(logits, targets).mean();
  }

  /** The same for each row: {@code [rows]}. */
  public static Tensor perRow(Tensor logits, Tensor targets) {
    return Tape.run(new CrossEntropy(), logits, targets);
  }

  @Override
  public String name() {
    return "crossEntropy";
  }

  @Override
  public Forward forward(List<Tensor> inputs) {
    Tensor logits = inputs.get(0);
    Tensor targets = inputs.get(1);
    if (logits.shape().rank() != 2
        || targets.dtype() != DType.INT32
        || !targets.shape().equals(logits.shape().without(-1))) {
      throw new IllegalArgumentException(
          "crossEntropy: expected logits [rows, classes] and targets [rows] of INT32, but met %s and %s %s"
              .formatted(logits.shape(), targets.dtype(), targets.shape()));
    }
    Tensor probabilities = Tensor.empty(logits.device(), logits.shape());
    Tensor losses = Tensor.empty(logits.device(), Shape.of(logits.shape().size(0)));
    logits
        .device()
        .backend()
        .crossEntropy(
            logits.shape().size(1),
            logits.storage(),
            targets.storage(),
            probabilities.storage(),
            losses.storage());
    return Forward.of(losses, probabilities, targets);
  }

  @Override
  public List<@Nullable Tensor> backward(Backward context) {
    Tensor probabilities = context.saved(0);
    Tensor dLogits = Tensor.empty(probabilities.device(), probabilities.shape());
    probabilities
        .device()
        .backend()
        .crossEntropyBackward(
            probabilities.shape().size(1),
            probabilities.storage(),
            context.saved(1).storage(),
            context.outputGradient().storage(),
            dLogits.storage());
    return Arrays.asList(dLogits, null);
  }
}
