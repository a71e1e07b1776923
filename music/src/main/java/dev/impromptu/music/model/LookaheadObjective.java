package dev.impromptu.music.model;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.train.RecordableObjective;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Foretells the next {@code stepsAhead} tokens, each from the likeliest ones before it. The losses
 * of all steps add up.
 *
 * @param lookahead how the network goes on after each
 * @param model what is judged
 * @param device where it runs
 * @param stepsAhead tokens to foretell, at least 1
 */
public record LookaheadObjective(
    Lookahead lookahead, SequenceModel model, Device device, int stepsAhead)
    implements RecordableObjective<WindowBatch> {
  /** Checks the steps. */
  public LookaheadObjective {
    if (stepsAhead < 1) {
      throw new IllegalArgumentException(
          "LookaheadObjective: steps ahead " + stepsAhead + " must be at least 1");
    }
  }

  /** The contexts, then what comes at each step ahead. */
  @Override
  public List<HostTensor> inputs(WindowBatch batch) {
    if (stepsAhead > batch.future()) {
      throw new IllegalArgumentException(
          "LookaheadObjective: %d steps ahead are asked for, but windows hold %d"
              .formatted(stepsAhead, batch.future()));
    }
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
        switch (lookahead) {
          case SLIDE -> Reread.from(model, contexts, mode, contexts.shape().size(1));
          case CARRY -> model.begin(contexts, mode);
        };
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
