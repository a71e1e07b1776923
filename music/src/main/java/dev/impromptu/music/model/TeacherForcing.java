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
 * Reads what a network reads that slides, but with the true tokens in place of those that it
 * foretold, and foretells the token after every one that it reads: of each window one of the {@code
 * stepsAhead} sequences of the context's length, drawn at random. The loss is the mean over all
 * steps: one pass gives as many things to learn as the context has tokens. Only the last, which
 * lies behind the context, is counted as right or wrong.
 *
 * <p>Where windows skip a token, sequences that have slid have the gap inside: before it the
 * network learns to foretell the token after the next, behind it the next.
 *
 * @param model what is judged
 * @param device where it runs
 * @param stepsAhead tokens behind the context to foretell, at least 1
 */
record TeacherForcing(SequenceModel model, Device device, int stepsAhead)
    implements LookaheadObjective {
  /** Keeps the shifts apart from everything else that is drawn from a seed. */
  private static final long SHIFTS = -2;

  /** The tokens read, and those to foretell. */
  @Override
  public List<HostTensor> inputs(WindowBatch batch) {
    int context = batch.context();
    int skipped = batch.skipped();
    int[] shifts = shifts(batch);
    int[] read = new int[batch.size() * context];
    int[] targets = new int[read.length];
    for (int i = 0; i < batch.size(); i++) {
      int[] span = batch.span(i);
      for (int t = 0; t < context; t++) {
        int place = shifts[i] + t;
        read[i * context + t] = span[place < context ? place : place + skipped];
        targets[i * context + t] = span[place + skipped + 1];
      }
    }
    return List.of(
        new HostTensor.Indices(Shape.of(batch.size(), context), read),
        new HostTensor.Indices(Shape.of(targets.length), targets));
  }

  /** How far each window has slid: others in every epoch, since it then has other neighbours. */
  private int[] shifts(WindowBatch batch) {
    batch.requireFuture(stepsAhead);
    return new PhiloxRandom(Arrays.hashCode(batch.x()), SHIFTS)
        .ints(batch.size(), 0, stepsAhead)
        .toArray();
  }

  @Override
  public Judged judge(List<Tensor> inputs, Mode mode) {
    Tensor read = inputs.getFirst();
    int rows = read.shape().size(0);
    int time = read.shape().size(1);
    Tensor logits = model.logitsThroughout(read, mode);
    Tensor loss = CrossEntropy.crossEntropy(logits, inputs.get(1));
    Tensor last =
        logits.detach().reshape(Shape.of(rows, time, model.vocabularySize())).select(1, -1);
    return new Judged(loss, last.argMax());
  }

  @Override
  public int correct(WindowBatch batch, int[] predictions) {
    int[] shifts = shifts(batch);
    int correct = 0;
    for (int i = 0; i < batch.size(); i++) {
      correct += predictions[i] == batch.y()[i * batch.future() + shifts[i]] ? 1 : 0;
    }
    return correct;
  }
}
