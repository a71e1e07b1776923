package dev.impromptu.music.model;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.functional.Mode;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reads what a network reads that slides, but with the true tokens in place of those that it
 * foretold, and foretells the token after every one that it reads: one pass gives as many things to
 * learn as it reads tokens.
 *
 * <p>Where windows skip a token, a network that has slid meets the gap inside what it reads: before
 * it the token after the next is right, behind it the next. What begins where a window begins is
 * then read in as many ways as there are steps ahead: by the window itself, without a gap, and by
 * the windows that begin 1, 2, … tokens earlier once they have slid up to there. All ways have a
 * beginning in common and foretell the same token at their ends. One pass reads them all, and
 * learns those that belong to examples. Where nothing is skipped there is but one way.
 *
 * <p>So a gap would only be met where an example has it, and each by itself be learned by heart. In
 * most batches the ways therefore part earlier, at one of a few places, and end as much earlier,
 * where no window's context ends: every gap is met, and what follows from one is learned in
 * general.
 *
 * <p>The loss is the mean over all that is foretold. Of several ways the first tokens do not count,
 * which say too little of what follows, nor what a way has read like the first. Right or wrong is
 * the end of each way, whether it was learned or not.
 *
 * @param model what is judged
 * @param device where it runs
 * @param stepsAhead tokens behind the context to foretell, at least 1
 */
record TeacherForcing(SequenceModel model, Device device, int stepsAhead)
    implements LookaheadObjective {
  /** Tokens after which nothing counts yet where there are several ways. */
  private static final int FEW = 8;

  /** From one place where ways part to the next. */
  private static final int APART = 4;

  /** Keeps those places apart from everything else that is drawn from a seed. */
  private static final long PARTINGS = -2;

  /** What all ways begin with, the tokens to foretell, how much each counts, and the ways' ends. */
  @Override
  public List<HostTensor> inputs(WindowBatch batch) {
    batch.requireFuture(stepsAhead);
    int size = batch.size();
    int context = batch.context();
    int skipped = batch.skipped();
    int ways = ways(batch);
    int steps = ways - 1;
    if (steps >= context) {
      throw new IllegalArgumentException(
          "TeacherForcing: of a context of %d tokens nothing is left %d steps ahead, expected at"
                  .formatted(context, stepsAhead)
              + " most as many steps as tokens");
    }
    int common = common(batch);
    int end = common + steps;
    int[] beginnings = new int[size * common];
    int[] ends = new int[ways * size * steps];
    int[] targets = new int[beginnings.length + ends.length];
    float[] counts = new float[targets.length];
    for (int i = 0; i < size; i++) {
      int[] span = batch.span(i);
      for (int place = 0; place < common; place++) {
        int at = i * common + place;
        beginnings[at] = span[place];
        targets[at] = span[place + skipped + 1];
        counts[at] = ways > 1 && place < FEW ? 0 : 1;
      }
      for (int way = 0; way < ways; way++) {
        for (int place = common; place < end; place++) {
          int at = (way * size + i) * steps + place - common;
          boolean behindGap = place >= end - way;
          ends[at] = span[behindGap ? place + skipped : place];
          targets[beginnings.length + at] = span[place + skipped + 1];
          boolean learned = way == 0 || behindGap && (end < context || batch.hasEarlier(i, way));
          counts[beginnings.length + at] = learned ? 1 : 0;
        }
      }
    }
    List<HostTensor> inputs = new ArrayList<>();
    inputs.add(new HostTensor.Indices(Shape.of(size, common), beginnings));
    inputs.add(new HostTensor.Indices(Shape.of(targets.length), targets));
    inputs.add(new HostTensor.Values(Shape.of(counts.length), shares(counts)));
    if (ways > 1) {
      inputs.add(new HostTensor.Indices(Shape.of(ways * size, steps), ends));
    }
    return inputs;
  }

  private int ways(WindowBatch batch) {
    return batch.skipped() == 0 ? 1 : stepsAhead;
  }

  /** How many tokens all ways begin with, drawn for each batch. */
  private int common(WindowBatch batch) {
    int most = batch.context() - (ways(batch) - 1);
    int places = ways(batch) == 1 ? 1 : 1 + Math.max(0, most - FEW) / APART;
    var random = new PhiloxRandom(Arrays.hashCode(batch.x()), PARTINGS);
    return most - APART * random.nextInt(places);
  }

  private static float[] shares(float[] counts) {
    float sum = 0;
    for (float count : counts) {
      sum += count;
    }
    for (int i = 0; i < counts.length; i++) {
      counts[i] /= sum;
    }
    return counts;
  }

  @Override
  public Judged judge(List<Tensor> inputs, Mode mode) {
    Tensor beginnings = inputs.getFirst();
    boolean oneWay = inputs.size() == 3;
    Tensor logits =
        oneWay
            ? model.logitsThroughout(beginnings, mode)
            : model.logitsThroughout(beginnings, inputs.getLast(), mode);
    Tensor loss = CrossEntropy.perRow(logits, inputs.get(1)).times(inputs.get(2)).sum();
    Shape read = oneWay ? beginnings.shape() : inputs.getLast().shape();
    int rows = logits.shape().size(0);
    Tensor last =
        logits
            .detach()
            .slice(0, rows - read.elements(), rows)
            .reshape(Shape.of(read.size(0), read.size(1), model.vocabularySize()))
            .select(1, -1);
    return new Judged(loss, last.argMax());
  }

  @Override
  public int correct(WindowBatch batch, int[] predictions) {
    int end = common(batch) + ways(batch) - 1;
    int[] next =
        IntStream.range(0, batch.size()).map(i -> batch.span(i)[end + batch.skipped()]).toArray();
    return (int)
        IntStream.range(0, predictions.length)
            .filter(i -> predictions[i] == next[i % next.length])
            .count();
  }
}
