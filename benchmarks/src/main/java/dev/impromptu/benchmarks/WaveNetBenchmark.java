package dev.impromptu.benchmarks;

import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.benchmarks.work.Work;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * A training step of a WaveNet that learns at every time step: 64 residual and 128 skip channels,
 * two stacks of eight layers. {@code bench WaveNet}.
 */
public class WaveNetBenchmark extends DeviceBenchmark {
  private static final Task LIKE = new Task.WaveNetTraining(1, 40);

  /** Sequences in a step. */
  @Param("8")
  public int batch = 8;

  /** Tokens of a sequence. */
  @Param("1024")
  public int time = 1024;

  private Work work;

  /** Default constructor, called by JMH. */
  public WaveNetBenchmark() {}

  /** Makes the net, and compares some losses of a short one with the reference. */
  @Setup(Level.Trial)
  public void setUp() {
    work = checked(new Task.WaveNetTraining(batch, time), LIKE, 1024);
  }

  /** One step. */
  @Benchmark
  public void step() {
    work.run();
  }
}
