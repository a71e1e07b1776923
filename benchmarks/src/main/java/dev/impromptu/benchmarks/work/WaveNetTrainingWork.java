package dev.impromptu.benchmarks.work;

import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.io.HostArray;
import dev.impromptu.optim.Adam;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Map;

/** Forward, the loss of every time step, backward, Adam. */
final class WaveNetTrainingWork implements OwnWork {
  private final Task.WaveNetTraining task;
  private final Device device;
  private final SequenceNet model;
  private final Adam adam;
  private final int[] x;
  private final int[] y;

  WaveNetTrainingWork(Device device, Task.WaveNetTraining task) {
    this.task = task;
    this.device = device;
    model = new SequenceNet(device, new PhiloxRandom(1));
    adam = new Adam(model, Task.LEARNING_RATE);
    x = Tokens.some(task.batch() * task.time(), 2);
    y = Tokens.some(task.batch() * task.time(), 3);
  }

  @Override
  public Map<String, HostArray> weights() {
    return OwnWork.weightsOf(model);
  }

  /** The loss of some steps: each shows the gradients of the one before. */
  @Override
  public double[] results() {
    double[] losses = new double[Task.CHECKED_STEPS];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = step();
    }
    return losses;
  }

  @Override
  public void run() {
    step();
  }

  private double step() {
    try (var _ = Scope.open()) {
      Tensor ids = Tensor.ofInts(device, Shape.of(task.batch(), task.time()), x);
      Tensor logits = model.logits(ids).reshape(Shape.of(x.length, Task.VOCABULARY));
      Tensor targets = Tensor.ofInts(device, Shape.of(y.length), y);
      Tensor loss = CrossEntropy.crossEntropy(logits, targets);
      adam.step(loss.backward());
      return loss.item();
    }
  }

  @Override
  public void close() {
    // The model lasts as long as its device.
  }
}
