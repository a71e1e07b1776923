package dev.impromptu.music.model;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Foretells the token after every one of a window, its context as well as the {@code stepsAhead}
 * tokens behind it, each from the true ones before: one pass of {@code context + stepsAhead - 1}
 * steps gives as many things to learn. The loss is their mean. Only the {@code stepsAhead} tokens
 * behind the context are counted as right or wrong.
 *
 * <p>Where windows skip a token, a network that slides meets two kinds of sequences: unbroken ones,
 * which go on with the token after the next, and ones with the gap inside, which go on with the
 * next. So in half of the windows, where more than one token is foretold, what is skipped lies at a
 * random place of the context: before the gap the network learns the one, behind it the other.
 *
 * @param model what is judged
 * @param device where it runs
 * @param stepsAhead tokens behind the context to foretell, at least 1
 */
record TeacherForcing(SequenceModel model, Device device, int stepsAhead)
    implements LookaheadObjective {
  /** Keeps the gaps apart from everything else that is drawn from a seed. */
  private static final long GAPS = -2;

  /** Checks the steps. */
  TeacherForcing {
    LookaheadObjective.requireSteps(stepsAhead);
  }

  /** The tokens read, and those to foretell. */
  @Override
  public List<HostTensor> inputs(WindowBatch batch) {
    batch.requireFuture(stepsAhead);
    int skipped = batch.skipped();
    int time = batch.context() + stepsAhead - 1;
    int[] read = new int[batch.size() * time];
    int[] targets = new int[read.length];
    // Other gaps in every epoch, since a window then has other neighbours.
    var random = new PhiloxRandom(Arrays.hashCode(batch.x()), GAPS);
    for (int i = 0; i < batch.size(); i++) {
      int[] span = batch.span(i);
      boolean broken = stepsAhead > 1 && random.nextInt(2) == 0;
      int gap = broken ? 1 + random.nextInt(batch.context()) : batch.context();
      for (int t = 0; t < time; t++) {
        read[i * time + t] = span[t < gap ? t : t + skipped];
        targets[i * time + t] = span[t + skipped + 1];
      }
    }
    return List.of(
        new HostTensor.Indices(Shape.of(batch.size(), time), read),
        new HostTensor.Indices(Shape.of(targets.length), targets));
  }

  @Override
  public Judged judge(List<Tensor> inputs, Mode mode) {
    Tensor read = inputs.getFirst();
    int rows = read.shape().size(0);
    int time = read.shape().size(1);
    Tensor logits = model.logitsThroughout(read, mode);
    Tensor loss = CrossEntropy.crossEntropy(logits, inputs.get(1));
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
