package dev.impromptu.benchmarks.work;

import dev.impromptu.io.HostArray;
import dev.impromptu.nn.WaveNet;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Map;

/** Notes from a WaveNet, one after the other: streamed, or each from the whole receptive field. */
final class WaveNetGenerationWork implements OwnWork {
  private final Device device;
  private final boolean streamed;
  private final SequenceNet model;
  private final int[] primer = Tokens.some(Task.WAVENET.receptiveField(), 2);

  WaveNetGenerationWork(Device device, Task.WaveNetGeneration task) {
    this.device = device;
    streamed = task.streamed();
    model = new SequenceNet(device, new PhiloxRandom(1));
  }

  @Override
  public Map<String, HostArray> weights() {
    return OwnWork.weightsOf(model);
  }

  /** The logits after a receptive field of given tokens. */
  @Override
  public double[] results() {
    try (var _ = Scope.inference()) {
      return streamed ? afterPrimer() : recomputed().toDoubleArray();
    }
  }

  private double[] afterPrimer() {
    WaveNet.State state = model.state();
    double[] logits = {};
    for (int token : primer) {
      try (var _ = Scope.inference()) {
        logits = model.step(token, state).toDoubleArray();
      }
    }
    return logits;
  }

  private Tensor recomputed() {
    return model.lastLogits(Tensor.ofInts(device, Shape.of(1, primer.length), primer));
  }

  @Override
  public void run() {
    try (var _ = Scope.inference()) {
      if (streamed) {
        stream();
      } else {
        // The next one costs the same, whatever the tokens are.
        recomputed().argMax().toIntArray();
      }
    }
  }

  private void stream() {
    WaveNet.State state = model.state();
    int token = 0;
    for (int note = 0; note < Task.CONTEXT; note++) {
      try (var _ = Scope.inference()) {
        token = model.step(token, state).argMax().toIntArray()[0];
      }
    }
  }

  @Override
  public void close() {
    // The model lasts as long as its device.
  }
}
