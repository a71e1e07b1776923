package dev.impromptu.benchmarks.djl;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import dev.impromptu.benchmarks.compare.Peer;
import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.benchmarks.work.Work;
import dev.impromptu.io.HostArray;
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
      case Task.Product _ -> new DjlProduct(engine, weights);
    };
  }

  @Override
  public void useThreads(int threads) {
    JniUtils.setNumThreads(threads);
  }
}
