package dev.impromptu.benchmarks.work;

import dev.impromptu.nn.CausalConv1d;
import dev.impromptu.nn.Embedding;
import dev.impromptu.nn.Module;
import dev.impromptu.nn.WaveNet;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/**
 * A WaveNet that says at every time step which token comes next: embedding, two stacks of eight
 * layers, and on the skip sum twice {@code relu} and a convolution of kernel 1.
 */
final class SequenceNet implements Module {
  private final Device device;
  private final Embedding embedding;
  private final WaveNet wavenet;
  private final CausalConv1d conv1;
  private final CausalConv1d conv2;

  SequenceNet(Device device, PhiloxRandom random) {
    this.device = device;
    WaveNet.Sizes sizes = Task.WAVENET;
    embedding = new Embedding(device, Task.VOCABULARY, sizes.in(), random);
    wavenet = new WaveNet(device, sizes, random);
    conv1 = new CausalConv1d(device, sizes.skip(), sizes.skip(), 1, 1, random);
    conv2 = new CausalConv1d(device, sizes.skip(), Task.VOCABULARY, 1, 1, random);
  }

  /**
   * At every step.
   *
   * @param ids {@code [batch, time]}
   * @return {@code [batch, time, vocabulary]}
   */
  Tensor logits(Tensor ids) {
    return head(wavenet.forward(embedding.forward(ids)));
  }

  /** The same at the last step alone, {@code [batch, 1, vocabulary]}. */
  Tensor lastLogits(Tensor ids) {
    return head(oneStep(wavenet.last(embedding.forward(ids))));
  }

  WaveNet.State state() {
    return wavenet.state(1);
  }

  /** After one more token of one sequence: {@code [1, 1, vocabulary]}. */
  Tensor step(int token, WaveNet.State state) {
    Tensor id = Tensor.ofInts(device, Shape.of(1), token);
    return head(oneStep(wavenet.step(embedding.forward(id), state)));
  }

  private static Tensor oneStep(Tensor skip) {
    return skip.reshape(Shape.of(skip.shape().size(0), 1, skip.shape().size(1)));
  }

  private Tensor head(Tensor skip) {
    return conv2.forward(conv1.forward(skip.relu()).relu());
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.child("embedding", embedding);
    visitor.child("wavenet", wavenet);
    visitor.child("conv1", conv1);
    visitor.child("conv2", conv2);
  }
}
