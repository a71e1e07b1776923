package dev.impromptu.benchmarks.compare;

import dev.impromptu.benchmarks.WarmKernels;
import dev.impromptu.benchmarks.work.OwnWork;
import dev.impromptu.benchmarks.work.Work;
import dev.impromptu.io.Json;
import dev.impromptu.tensor.Device;
import dev.impromptu.testkit.Tolerance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * Measures one row in a process of its own, so that no row runs on code that was compiled for
 * another. Impromptu's threads are set by {@code -Dimpromptu.threads}.
 */
public final class RowProcess {
  /**
   * What losses may differ by, relatively, after a few steps of Adam: its first steps depend on the
   * sign of gradients that may be as small as their rounding.
   */
  private static final double ALLOWED = 1e-4;

  private static final Turns.Effort EFFORT = new Turns.Effort(4, 0.5, 5);

  private RowProcess() {}

  /**
   * Writes what it measured.
   *
   * @param arguments the row's name, the number of threads and the file
   */
  public static void main(String[] arguments) throws IOException {
    Row row = Row.named(arguments[0]);
    int threads = Integer.parseInt(arguments[1]);
    if (!WarmKernels.await(Device.cpu())) {
      System.err.printf(
          "bench --peers: the kernels of the Vector API are not in use (%s), so that figures would be"
              + " those of plain Java; leave out JVM flags that keep them away, as"
              + " -XX:TieredStopAtLevel=1, -XX:UseAVX=0 or -Dimpromptu.vector=false%n",
          String.join(", ", Device.cpu().backend().description()));
      System.exit(1);
    }
    Peer peer = ServiceLoader.load(Peer.class).findFirst().orElseThrow();
    Json.write(Path.of(arguments[2]), measure(row, threads, Device.cpu(), peer, EFFORT).json());
  }

  static Measured measure(Row row, int threads, Device device, Peer peer, Turns.Effort effort) {
    try (OwnWork ours = row.task().on(device);
        Work theirs = peer.open(row.peerTask(), ours.weights())) {
      List<Peer.Setting> settings = peer.settings(threads);
      settings.getFirst().use().run();
      Tolerance.requireClose(
          row.name() + ": what Impromptu computes, compared with " + peer.name(),
          ours.results(),
          theirs.results(),
          ALLOWED);
      List<Contender> contenders = new ArrayList<>();
      contenders.add(new Contender("Impromptu", () -> {}, ours, row.task().items()));
      for (Peer.Setting setting : settings) {
        contenders.add(
            new Contender(setting.name(), setting.use(), theirs, row.peerTask().items()));
      }
      return new Turns(contenders, effort).run(row.name(), peer.name(), threads);
    }
  }
}
