package dev.impromptu.benchmarks;

import dev.impromptu.benchmarks.work.Task;
import dev.impromptu.benchmarks.work.Tokens;
import dev.impromptu.functional.CrossEntropy;
import dev.impromptu.nn.Embedding;
import dev.impromptu.nn.Module;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Where tokens go in and where they come out: the embedding of windows of 32 tokens in 100
 * features, and the cross entropy of logits of 173 tokens, both with their gradients. {@code bench
 * Embedding}.
 */
public class EmbeddingBenchmark extends DeviceBenchmark {
  private static final int FEATURES = 100;

  /** Windows, and rows of logits. */
  @Param({"8", "64", "256"})
  public int batch = 8;

  private Embedding embedding;
  private Scope inputs;
  private Tensor ids;
  private Tensor logits;
  private Tensor targets;

  /** Default constructor, called by JMH. */
  public EmbeddingBenchmark() {}

  /** Makes inputs, and compares both gradients with the reference. */
  @Setup(Level.Trial)
  public void setUp() {
    check("embedding's gradient", batch * Task.CONTEXT, this::embeddingGradient);
    check("cross entropy's gradient", Task.VOCABULARY, this::crossEntropyGradient);
    embedding = embedding(device());
    inputs = Scope.open();
    ids = ids(device());
    logits = random(device(), 2, batch, Task.VOCABULARY).tracked();
    targets = targets(device());
  }

  private static Embedding embedding(Device device) {
    return new Embedding(device, Task.VOCABULARY, FEATURES, new PhiloxRandom(1));
  }

  private Tensor ids(Device device) {
    return Tensor.ofInts(
        device, Shape.of(batch, Task.CONTEXT), Tokens.some(batch * Task.CONTEXT, 2));
  }

  private Tensor targets(Device device) {
    return Tensor.ofInts(device, Shape.of(batch), Tokens.some(batch, 3));
  }

  private double[] embeddingGradient(Device device) {
    try (var _ = Scope.open()) {
      Embedding layer = embedding(device);
      Tensor weight = Module.parameters(layer).values().iterator().next().value();
      return layer.forward(ids(device)).sum().backward().of(weight).toDoubleArray();
    }
  }

  private double[] crossEntropyGradient(Device device) {
    try (var _ = Scope.open()) {
      Tensor x = random(device, 2, batch, Task.VOCABULARY).tracked();
      return CrossEntropy.crossEntropy(x, targets(device)).backward().of(x).toDoubleArray();
    }
  }

  /** Gives the inputs back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    inputs.close();
  }

  /** Forward and backward of the embedding. */
  @Benchmark
  public double embedding() {
    try (var _ = Scope.open()) {
      Tensor sum = embedding.forward(ids).sum();
      return sum.backward().size() + sum.item();
    }
  }

  /** Forward and backward of the cross entropy. */
  @Benchmark
  public double crossEntropy() {
    try (var _ = Scope.open()) {
      Tensor loss = CrossEntropy.crossEntropy(logits, targets);
      return loss.backward().size() + loss.item();
    }
  }
}
