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
import java.util.stream.IntStream;

/**
 * Reads what a network reads that slides, but with the true tokens in place of those that it
 * foretold, and foretells the token after every one that it reads: one pass gives as many things to
 * learn as it reads tokens. It goes through the whole window, from a beginning that is drawn for
 * each batch among those that a sliding network begins at. The loss is the mean over all steps; of
 * several steps ahead those behind the context count four times, since there are few of them and
 * they are what sliding asks for. Only the last is counted as right or wrong.
 *
 * <p>Where windows skip a token there is a gap behind the context: before it the network learns to
 * foretell the token after the next, behind it the next.
 *
 * @param model what is judged
 * @param device where it runs
 * @param stepsAhead tokens behind the context to foretell, at least 1
 */
record TeacherForcing(SequenceModel model, Device device, int stepsAhead)
    implements LookaheadObjective {
  /** Keeps the beginnings apart from everything else that is drawn from a seed. */
  private static final long BEGINNINGS = -2;

  /** How much more the tokens behind the context count. */
  private static final float BEHIND = 4;

  /** The tokens read, those to foretell, and how much each of these counts. */
  @Override
  public List<HostTensor> inputs(WindowBatch batch) {
    batch.requireFuture(stepsAhead);
    int context = batch.context();
    int skipped = batch.skipped();
    int start = start(batch);
    int time = context + stepsAhead - 1 - start;
    int[] read = new int[batch.size() * time];
    int[] targets = new int[read.length];
    float[] weights = new float[read.length];
    for (int i = 0; i < batch.size(); i++) {
      int[] span = batch.span(i);
      for (int t = 0; t < time; t++) {
        int place = start + t;
        read[i * time + t] = span[place < context ? place : place + skipped];
        targets[i * time + t] = span[place + skipped + 1];
        weights[i * time + t] = stepsAhead > 1 && place >= context - 1 ? BEHIND : 1;
      }
    }
    return List.of(
        new HostTensor.Indices(Shape.of(batch.size(), time), read),
        new HostTensor.Indices(Shape.of(targets.length), targets),
        new HostTensor.Values(Shape.of(weights.length), weights));
  }

  /** Where reading begins: elsewhere in every epoch, since a window has other neighbours then. */
  private int start(WindowBatch batch) {
    return new PhiloxRandom(Arrays.hashCode(batch.x()), BEGINNINGS).nextInt(stepsAhead);
  }

  @Override
  public Judged judge(List<Tensor> inputs, Mode mode) {
    Tensor read = inputs.getFirst();
    int rows = read.shape().size(0);
    int time = read.shape().size(1);
    Tensor logits = model.logitsThroughout(read, mode);
    Tensor loss = CrossEntropy.perRow(logits, inputs.get(1)).times(inputs.get(2)).mean();
    Tensor last =
        logits.detach().reshape(Shape.of(rows, time, model.vocabularySize())).select(1, -1);
    return new Judged(loss, last.argMax());
  }

  @Override
  public int correct(WindowBatch batch, int[] predictions) {
    int[] last = batch.target(stepsAhead - 1);
    return (int) IntStream.range(0, last.length).filter(i -> predictions[i] == last[i]).count();
  }
}
