package dev.impromptu.music.model;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.train.RecordableObjective;
import java.util.List;

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
    Feedback.requireSteps("SlidingObjective", stepsAhead);
  }

  @Override
  public List<HostTensor> inputs(WindowBatch batch) {
    return Feedback.inputs("SlidingObjective", batch, stepsAhead);
  }

  @Override
  public Judged judge(List<Tensor> inputs, Mode mode) {
    Tensor contexts = inputs.getFirst();
    Continuation begin = Reread.from(model, contexts, mode, contexts.shape().size(1));
    return Feedback.judge(begin, inputs.subList(1, inputs.size()));
  }

  @Override
  public int correct(WindowBatch batch, int[] predictions) {
    return Feedback.correct(batch, predictions, stepsAhead);
  }
}
