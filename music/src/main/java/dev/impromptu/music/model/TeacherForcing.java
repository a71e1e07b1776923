package dev.impromptu.music.model;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Foretells the token after every one of a window, its context as well as the {@code stepsAhead}
 * tokens behind it, each from the true ones before. The loss is the mean over all of them: one pass
 * of {@code context + stepsAhead - 1} steps gives as many things to learn.
 *
 * <p>Where windows skip tokens between context and future, the same number is skipped within the
 * context, and the tokens that the window does not hold are foretold by nobody. Only the {@code
 * stepsAhead} tokens behind the context are counted as right or wrong.
 *
 * @param model what is judged
 * @param device where it runs
 * @param stepsAhead tokens behind the context to foretell, at least 1
 */
record TeacherForcing(SequenceModel model, Device device, int stepsAhead)
    implements LookaheadObjective {
  /** Checks the steps. */
  TeacherForcing {
    LookaheadObjective.requireSteps(stepsAhead);
  }

  /** The tokens read, those to foretell, and how much each of the latter counts. */
  @Override
  public List<HostTensor> inputs(WindowBatch batch) {
    batch.requireFuture(stepsAhead);
    int context = batch.context();
    int time = context + stepsAhead - 1;
    int[] read = new int[batch.size() * time];
    int[] targets = new int[batch.size() * time];
    float[] counts = new float[batch.size() * time];
    int known = Math.max(0, context - 1 - batch.skipped());
    float within = (stepsAhead == 1 ? 1f : 0.5f) / (batch.size() * (known + 1));
    float behind = 0.5f / (batch.size() * Math.max(1, stepsAhead - 1));
    for (int i = 0; i < batch.size(); i++) {
      int row = i * time;
      int last = row + context - 1;
      System.arraycopy(batch.x(), i * context, read, row, context);
      System.arraycopy(batch.y(), i * batch.future(), read, row + context, stepsAhead - 1);
      System.arraycopy(batch.x(), (i + 1) * context - known, targets, row, known);
      System.arraycopy(batch.y(), i * batch.future(), targets, last, stepsAhead);
      Arrays.fill(counts, row, row + known, within);
      counts[last] = within;
      Arrays.fill(counts, last + 1, last + stepsAhead, behind);
    }
    return List.of(
        new HostTensor.Indices(Shape.of(batch.size(), time), read),
        new HostTensor.Indices(Shape.of(targets.length), targets),
        new HostTensor.Values(Shape.of(counts.length), counts));
  }

  @Override
  public Judged judge(List<Tensor> inputs, Mode mode) {
    Tensor read = inputs.getFirst();
    int rows = read.shape().size(0);
    int time = read.shape().size(1);
    Tensor logits = model.logitsThroughout(read, mode);
    Tensor loss = CrossEntropy.perRow(logits, inputs.get(1)).times(inputs.get(2)).sum();
    Tensor behind =
        logits
            .detach()
            .reshape(Shape.of(rows, time, model.vocabularySize()))
            .slice(1, time - stepsAhead, time);
    return new Judged(loss, behind.argMax());
  }

  @Override
  public int correct(WindowBatch batch, int[] predictions) {
    int correct = 0;
    for (int i = 0; i < batch.size(); i++) {
      for (int ahead = 0; ahead < stepsAhead; ahead++) {
        correct +=
            predictions[i * stepsAhead + ahead] == batch.y()[i * batch.future() + ahead] ? 1 : 0;
      }
    }
    return correct;
  }
}
