package dev.impromptu.music.model;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.train.RecordableObjective.Judged;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Foretelling several tokens, each from the likeliest ones before it; their losses add up. */
final class Feedback {
  private Feedback() {}

  static void requireSteps(String who, int stepsAhead) {
    if (stepsAhead < 1) {
      throw new IllegalArgumentException(
          who + ": steps ahead " + stepsAhead + " must be at least 1");
    }
  }

  /** The contexts, then what comes at each step ahead. */
  static List<HostTensor> inputs(String who, WindowBatch batch, int stepsAhead) {
    if (stepsAhead > batch.future()) {
      throw new IllegalArgumentException(
          "%s: %d steps ahead are asked for, but windows hold %d"
              .formatted(who, stepsAhead, batch.future()));
    }
    List<HostTensor> inputs = new ArrayList<>();
    inputs.add(new HostTensor.Indices(Shape.of(batch.size(), batch.context()), batch.x()));
    for (int ahead = 0; ahead < stepsAhead; ahead++) {
      inputs.add(new HostTensor.Indices(Shape.of(batch.size()), batch.target(ahead)));
    }
    return inputs;
  }

  /**
   * Foretells and judges.
   *
   * @param at where the contexts end
   * @param targets what comes at each step ahead
   */
  static Judged judge(Continuation at, List<Tensor> targets) {
    int stepsAhead = targets.size();
    Tensor[] likeliest = new Tensor[stepsAhead];
    Tensor loss = null;
    for (int ahead = 0; ahead < stepsAhead; ahead++) {
      at = ahead == 0 ? at : at.then(likeliest[ahead - 1]);
      Tensor stepLoss = CrossEntropy.crossEntropy(at.logits(), targets.get(ahead));
      loss = loss == null ? stepLoss : loss.plus(stepLoss);
      likeliest[ahead] = at.logits().detach().argMax();
    }
    return new Judged(
        Objects.requireNonNull(loss), stepsAhead == 1 ? likeliest[0] : Tensor.concat(0, likeliest));
  }

  /** How many of the predictions that {@link #judge} made are right. */
  static int correct(WindowBatch batch, int[] predictions, int stepsAhead) {
    int correct = 0;
    for (int ahead = 0; ahead < stepsAhead; ahead++) {
      int[] target = batch.target(ahead);
      for (int i = 0; i < target.length; i++) {
        correct += predictions[ahead * target.length + i] == target[i] ? 1 : 0;
      }
    }
    return correct;
  }
}
