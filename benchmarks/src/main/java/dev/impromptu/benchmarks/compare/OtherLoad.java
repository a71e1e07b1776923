package dev.impromptu.benchmarks.compare;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much of the processors others took while something was timed: other processes, and other
 * machines on the same host. Threads that wait for each other in turns lose far more than their
 * share of time to a third one, so a measurement that was disturbed says little.
 */
public final class OtherLoad {
  /** Of one processor; more, and what was measured meanwhile says little. */
  public static final double MOST = 0.05;

  private static final Path STAT = Path.of("/proc/stat");
  private static final double NANOS_PER_TICK = 1e7;
  private static final int IDLE = 3;
  private static final int WAITING = 4;
  private static final int STOLEN = 7;

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private double busy;
  private double own;
  private long since;

  /** Watches nothing yet. */
  public OtherLoad() {}

  /** Starts to watch. */
  public void begin() {
    busy = busyNanos();
    own = system.getProcessCpuTime();
    since = System.nanoTime();
  }

  /** What others took since {@link #begin}, in processors; 0 where the system does not tell. */
  public double end() {
    double others = busyNanos() - busy - (system.getProcessCpuTime() - own);
    return Double.isNaN(others) ? 0 : Math.max(0, others / (System.nanoTime() - since));
  }

  private static double busyNanos() {
    if (!Files.exists(STAT)) {
      return Double.NaN;
    }
    try (var lines = Files.lines(STAT)) {
      return busyTicks(lines.findFirst().orElse("")) * NANOS_PER_TICK;
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + STAT, e);
    }
  }

  /** From the line that starts with {@code cpu} and sums up all processors. */
  static double busyTicks(String line) {
    String[] words = line.strip().split("\\s+");
    double busy = 0;
    // The last two repeat what guests took, which is in the first two already.
    for (int i = 0; i <= STOLEN && i + 1 < words.length; i++) {
      busy += i == IDLE || i == WAITING ? 0 : Double.parseDouble(words[i + 1]);
    }
    return busy;
  }
}
