package dev.impromptu.music.model;

import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.train.Objective;

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
    implements Objective<WindowBatch> {
  /** Checks the steps. */
  public SlidingObjective {
    if (stepsAhead < 1) {
      throw new IllegalArgumentException(
          "SlidingObjective: steps ahead " + stepsAhead + " must be at least 1");
    }
  }

  @Override
  public Outcome measure(WindowBatch batch, Mode mode) {
    if (stepsAhead > batch.future()) {
      throw new IllegalArgumentException(
          "SlidingObjective: %d steps ahead are asked for, but windows hold %d"
              .formatted(stepsAhead, batch.future()));
    }
    int[] context = stepsAhead == 1 ? batch.x() : batch.x().clone();
    int correct = 0;
    Tensor loss = null;
    for (int ahead = 0; ahead < stepsAhead; ahead++) {
      int[] target = batch.target(ahead);
      Tensor ids = Tensor.ofInts(device, Shape.of(batch.size(), batch.context()), context);
      Tensor logits = model.logits(ids, mode);
      Tensor targets = Tensor.ofInts(device, Shape.of(batch.size()), target);
      Tensor stepLoss = CrossEntropy.crossEntropy(logits, targets);
      loss = loss == null ? stepLoss : loss.plus(stepLoss);
      int[] likeliest = logits.detach().argMax().toIntArray();
      for (int i = 0; i < target.length; i++) {
        correct += likeliest[i] == target[i] ? 1 : 0;
      }
      if (ahead + 1 < stepsAhead) {
        slide(context, batch.context(), likeliest);
      }
    }
    return new Outcome(loss, correct, batch.size() * stepsAhead);
  }

  private static void slide(int[] context, int length, int[] next) {
    for (int row = 0; row < next.length; row++) {
      int start = row * length;
      System.arraycopy(context, start + 1, context, start, length - 1);
      context[start + length - 1] = next[row];
    }
  }
}
