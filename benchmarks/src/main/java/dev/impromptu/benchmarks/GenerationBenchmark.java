package dev.impromptu.benchmarks;

import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.benchmarks.work.Work;
import dev.impromptu.music.model.LstmComposer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Notes, one after the other: 32 in a call from the LSTM and from the streamed WaveNet, one in a
 * call from the WaveNet that recomputes its receptive field. {@code bench Generation}.
 */
public class GenerationBenchmark extends DeviceBenchmark {
  private static final int TERMS = 1024;

  /** Which network, and how. */
  public enum Network {
    /** The original's, which keeps its state. */
    LSTM(new Task.LstmGeneration(LstmComposer.Sizes.original(Task.VOCABULARY))),
    /** Remembers the inputs of its convolutions. */
    WAVENET_STREAMED(new Task.WaveNetGeneration(true)),
    /** Computes each note from all notes that it depends on. */
    WAVENET_RECOMPUTED(new Task.WaveNetGeneration(false));

    private final Task task;

    Network(Task task) {
      this.task = task;
    }
  }

  /** Which network. */
  @Param public Network network = Network.LSTM;

  private Work work;

  /** Default constructor, called by JMH. */
  public GenerationBenchmark() {}

  /** Makes the network, and compares its logits with the reference. */
  @Setup(Level.Trial)
  public void setUp() {
    work = checked(network.task, network.task, TERMS);
  }

  /** The notes. */
  @Benchmark
  public void notes() {
    work.run();
  }
}
