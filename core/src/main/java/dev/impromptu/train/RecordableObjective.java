package dev.impromptu.train;

import dev.impromptu.data.HostTensor;
import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Tensor;
import java.util.List;

/**
 * An objective that works on one device alone, between its inputs and its results, so that a device
 * can record a training step and replay it with other inputs.
 *
 * @param <B> a batch
 */
public interface RecordableObjective<B> extends Objective<B> {
  /** Where it works. */
  Device device();

  /**
   * What the device is given of a batch. A step is recorded for each set of shapes, and for a few
   * of them at most, so that there should be few for one number of examples.
   */
  List<HostTensor> inputs(B batch);

  /**
   * Runs the model and judges it. Nothing is read from the device here, and nothing that is done
   * depends on the values of the inputs.
   *
   * @param inputs those of a batch, on the device
   */
  Judged judge(List<Tensor> inputs, Mode mode);

  /** How many of the predictions for that batch are right. */
  int correct(B batch, int[] predictions);

  /**
   * Results on the device.
   *
   * @param loss the mean over the batch, a scalar to be made smaller
   * @param predictions indices, one for each prediction that is made
   */
  record Judged(Tensor loss, Tensor predictions) {}

  @Override
  default Outcome measure(B batch, Mode mode) {
    List<Tensor> inputs = inputs(batch).stream().map(input -> input.on(device())).toList();
    Judged judged = judge(inputs, mode);
    int[] predictions = judged.predictions().toIntArray();
    return new Outcome(judged.loss(), correct(batch, predictions), predictions.length);
  }
}
