package dev.impromptu.music.model;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Tensor;
import dev.impromptu.train.RecordableObjective;
import java.util.List;

/**
 * Foretells the next {@code stepsAhead} tokens without beginning anew: the network goes on from
 * where it is with the likeliest token. The losses of all steps add up.
 *
 * <p>A recurrent network runs {@code context + stepsAhead - 1} steps where {@link SlidingObjective}
 * runs {@code context * stepsAhead}.
 *
 * @param model what is judged
 * @param device where it runs
 * @param stepsAhead tokens to foretell, at least 1
 */
public record CarryingObjective(SequenceModel model, Device device, int stepsAhead)
    implements RecordableObjective<WindowBatch> {
  /** Checks the steps. */
  public CarryingObjective {
    Feedback.requireSteps("CarryingObjective", stepsAhead);
  }

  @Override
  public List<HostTensor> inputs(WindowBatch batch) {
    return Feedback.inputs("CarryingObjective", batch, stepsAhead);
  }

  @Override
  public Judged judge(List<Tensor> inputs, Mode mode) {
    Tensor contexts = inputs.getFirst();
    Continuation begin = model.begin(contexts, mode);
    return Feedback.judge(begin, inputs.subList(1, inputs.size()));
  }

  @Override
  public int correct(WindowBatch batch, int[] predictions) {
    return Feedback.correct(batch, predictions, stepsAhead);
  }
}
