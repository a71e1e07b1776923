package dev.impromptu.music.model;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Foretells the next {@code stepsAhead} tokens, each from the likeliest ones before it. The losses
 * of all steps add up.
 *
 * @param carries whether the network goes on from where it is, or reads anew without the first
 *     token
 * @param model what is judged
 * @param device where it runs
 * @param stepsAhead tokens to foretell, at least 1
 */
record FedBack(boolean carries, SequenceModel model, Device device, int stepsAhead)
    implements LookaheadObjective {
  /** The contexts, then what comes at each step ahead. */
  @Override
  public List<HostTensor> inputs(WindowBatch batch) {
    batch.requireFuture(stepsAhead);
    List<HostTensor> inputs = new ArrayList<>();
    inputs.add(new HostTensor.Indices(Shape.of(batch.size(), batch.context()), batch.x()));
    for (int ahead = 0; ahead < stepsAhead; ahead++) {
      inputs.add(new HostTensor.Indices(Shape.of(batch.size()), batch.target(ahead)));
    }
    return inputs;
  }

  @Override
  public Judged judge(List<Tensor> inputs, Mode mode) {
    Tensor contexts = inputs.getFirst();
    Continuation at =
        carries
            ? model.begin(contexts, mode)
            : Reread.from(model, contexts, mode, contexts.shape().size(1));
    Tensor[] likeliest = new Tensor[stepsAhead];
    Tensor loss = null;
    for (int ahead = 0; ahead < stepsAhead; ahead++) {
      at = ahead == 0 ? at : at.then(likeliest[ahead - 1]);
      Tensor stepLoss = CrossEntropy.crossEntropy(at.logits(), inputs.get(1 + ahead));
      loss = loss == null ? stepLoss : loss.plus(stepLoss);
      likeliest[ahead] = at.logits().detach().argMax();
    }
    return new Judged(
        Objects.requireNonNull(loss), stepsAhead == 1 ? likeliest[0] : Tensor.concat(0, likeliest));
  }

  @Override
  public int correct(WindowBatch batch, int[] predictions) {
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
