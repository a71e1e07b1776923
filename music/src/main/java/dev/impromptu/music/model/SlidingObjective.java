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
 * Foretells the next {@code stepsAhead} tokens as the original project does: the likeliest token is
 * appended to the context, the first is dropped, and the network runs again from a zero state. The
 * losses of all steps add up.
 *
 * @param model what is judged
 * @param device where it runs
 * @param stepsAhead tokens to foretell, at least 1
 */
public record SlidingObjective(SequenceModel model, Device device, int stepsAhead)
    implements RecordableObjective<WindowBatch> {
  /** Checks the steps. */
  public SlidingObjective {
    if (stepsAhead < 1) {
      throw new IllegalArgumentException(
          "SlidingObjective: steps ahead " + stepsAhead + " must be at least 1");
    }
  }

  /** The contexts, then what comes at each step ahead. */
  @Override
  public List<HostTensor> inputs(WindowBatch batch) {
    if (stepsAhead > batch.future()) {
      throw new IllegalArgumentException(
          "SlidingObjective: %d steps ahead are asked for, but windows hold %d"
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
    Tensor context = inputs.getFirst();
    int rows = context.shape().size(0);
    int length = context.shape().size(1);
    Tensor[] likeliest = new Tensor[stepsAhead];
    Tensor loss = null;
    for (int ahead = 0; ahead < stepsAhead; ahead++) {
      Tensor logits = model.logits(context, mode);
      Tensor stepLoss = CrossEntropy.crossEntropy(logits, inputs.get(1 + ahead));
      loss = loss == null ? stepLoss : loss.plus(stepLoss);
      likeliest[ahead] = logits.detach().argMax();
      if (ahead + 1 < stepsAhead) {
        Tensor next = likeliest[ahead].reshape(Shape.of(rows, 1));
        context = length == 1 ? next : Tensor.concat(1, context.slice(1, 1, length), next);
      }
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
