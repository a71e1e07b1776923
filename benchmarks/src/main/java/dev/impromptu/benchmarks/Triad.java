package dev.impromptu.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * How fast this machine reads and writes {@code float[]}: {@code a[i] = b[i] + s * c[i]}, 12 bytes
 * an element, every processor on a share of its own without waiting for the others. An elementwise
 * kernel over as many elements cannot be faster on all processors; {@code -t 1} tells it of one.
 * Run: {@code ./impromptu bench Triad}.
 */
@State(Scope.Thread)
@Threads(Threads.MAX)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Triad {
  /** Of all threads together: 16 thousand floats stay in a core's cache, 4 million do not. */
  @Param({"16384", "4194304"})
  public int size;

  private float[] a = new float[0];
  private float[] b = new float[0];
  private float[] c = new float[0];

  /** Fills this thread's share of the arrays. */
  @Setup
  public void fill(ThreadParams threads) {
    int share = Math.ceilDiv(size, threads.getThreadCount());
    a = new float[share];
    b = new float[share];
    c = new float[share];
    for (int i = 0; i < share; i++) {
      b[i] = i;
      c[i] = -i;
    }
  }

  /** One pass over the share. */
  @Benchmark
  public float[] triad() {
    for (int i = 0; i < a.length; i++) {
      a[i] = b[i] + 0.5f * c[i];
    }
    return a;
  }
}
