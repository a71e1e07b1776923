package dev.impromptu.benchmarks.work;

import dev.impromptu.functional.Lstm;
import dev.impromptu.io.HostArray;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import java.util.Map;

/** A few notes, one after the other, from a network that keeps its state. */
final class LstmGenerationWork implements OwnWork {
  private final Stepping model;

  LstmGenerationWork(Device device, Task.LstmGeneration task) {
    model = new Stepping(device, task.sizes(), new PhiloxRandom(1));
  }

  @Override
  public Map<String, HostArray> weights() {
    return OwnWork.weightsOf(model);
  }

  /** The logits after given tokens. */
  @Override
  public double[] results() {
    try (var _ = Scope.inference()) {
      Lstm.State state = model.zeroState();
      for (int token : Tokens.some(Task.CONTEXT, 2)) {
        state = model.step(token, state);
      }
      return model.logits(state).toDoubleArray();
    }
  }

  @Override
  public void run() {
    try (var _ = Scope.inference()) {
      Lstm.State state = model.zeroState();
      int token = 0;
      for (int note = 0; note < Task.CONTEXT; note++) {
        state = model.step(token, state);
        token = model.logits(state).argMax().toIntArray()[0];
      }
    }
  }

  @Override
  public void close() {
    // The model lasts as long as its device.
  }
}
