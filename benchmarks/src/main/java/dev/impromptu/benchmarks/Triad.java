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
import org.openjdk.jmh.annotations.Warmup;

/**
 * How fast this machine reads and writes {@code float[]}: {@code a[i] = b[i] + s * c[i]}, 12 bytes
 * an element. Elementwise kernels cannot be faster; compare their figures with this one. Run:
 * {@code ./impromptu bench Triad}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Triad {
  /** 16 thousand floats stay in a core's cache, 4 million do not. */
  @Param({"16384", "4194304"})
  public int size;

  private float[] a = new float[0];
  private float[] b = new float[0];
  private float[] c = new float[0];

  /** Fills the arrays. */
  @Setup
  public void fill() {
    a = new float[size];
    b = new float[size];
    c = new float[size];
    for (int i = 0; i < size; i++) {
      b[i] = i;
      c[i] = -i;
    }
  }

  /** One pass over the arrays. */
  @Benchmark
  public float[] triad() {
    for (int i = 0; i < a.length; i++) {
      a[i] = b[i] + 0.5f * c[i];
    }
    return a;
  }
}
