package dev.impromptu.benchmarks.djl;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import dev.impromptu.benchmarks.compare.Peer;
import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.benchmarks.work.Work;
import dev.impromptu.io.HostArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** PyTorch's own kernels on the processor; DJL is the way to them and computes nothing itself. */
public final class DjlPeer implements Peer {
  private final Engine engine;

  /** Unpacks PyTorch at the first use and loads it. */
  public DjlPeer() {
    // Everything is on the class path; the network is not to be asked.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    engine = Engine.getEngine("PyTorch");
  }

  @Override
  public String name() {
    return "PyTorch %s through DJL %s".formatted(engine.getVersion(), Engine.getDjlVersion());
  }

  @Override
  public Work open(Task task, Map<String, HostArray> weights) {
    return switch (task) {
      case Task.LstmTraining training -> new DjlLstmTraining(engine, training, weights);
      case Task.LstmGeneration generation -> new DjlLstmGeneration(engine, generation, weights);
      case Task.WaveNetTraining training -> new DjlWaveNetTraining(engine, training, weights);
      case Task.WaveNetGeneration generation -> {
        if (generation.streamed()) {
          throw new IllegalArgumentException("PyTorch offers no way to stream a convolution");
        }
        yield new DjlWaveNetGeneration(engine, weights);
      }
      case Task.Product _ -> new DjlProduct(engine, weights);
    };
  }

  /**
   * As it comes, and what may be faster: without threads that wait for each other, and without
   * oneDNN, whose LSTM repacks the weights at every call.
   */
  @Override
  public List<Setting> settings(int threads) {
    List<Setting> settings = new ArrayList<>();
    for (boolean oneDnn : new boolean[] {true, false}) {
      for (int count : threads == 1 ? new int[] {1} : new int[] {threads, 1}) {
        settings.add(
            new Setting(
                (count == 1 ? "1 thread" : count + " threads") + (oneDnn ? "" : ", no oneDNN"),
                () -> {
                  JniUtils.setNumThreads(count);
                  OneDnn.enable(oneDnn);
                }));
      }
    }
    return settings;
  }
}
