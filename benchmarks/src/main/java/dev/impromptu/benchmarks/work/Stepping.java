package dev.impromptu.benchmarks.work;

import dev.impromptu.functional.Lstm;
import dev.impromptu.music.model.LstmComposer;
import dev.impromptu.nn.Embedding;
import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/** The network of {@link LstmComposer}, with its names, taken step by step with its state kept. */
final class Stepping implements Module {
  private final Device device;
  private final LstmComposer.Sizes sizes;
  private final Embedding embedding;
  private final LSTM lstm;
  private final Linear linear1;
  private final Linear linear2;
  private final Linear linear3;

  Stepping(Device device, LstmComposer.Sizes sizes, PhiloxRandom random) {
    this.device = device;
    this.sizes = sizes;
    embedding = new Embedding(device, sizes.vocabulary(), sizes.embedding(), random);
    lstm = new LSTM(device, sizes.embedding(), sizes.hidden(), sizes.layers(), random);
    linear1 = new Linear(device, sizes.hidden(), sizes.head(), random);
    linear2 = new Linear(device, sizes.head(), sizes.head(), random);
    linear3 = new Linear(device, sizes.head(), sizes.vocabulary(), random);
  }

  /** The state before the first token of one sequence. */
  Lstm.State zeroState() {
    Shape size = Shape.of(sizes.layers(), 1, sizes.hidden());
    return new Lstm.State(Tensor.zeros(device, size), Tensor.zeros(device, size));
  }

  Lstm.State step(int token, Lstm.State state) {
    Tensor ids = Tensor.ofInts(device, Shape.of(1), token);
    return lstm.step(embedding.forward(ids), state);
  }

  /** What the next token may be: {@code [1, vocabulary]}. */
  Tensor logits(Lstm.State state) {
    Tensor first = linear1.forward(state.hidden().select(0, -1).relu());
    Tensor second = linear2.forward(first.relu());
    return linear3.forward(second.relu());
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.child("embedding", embedding);
    visitor.child("lstm", lstm);
    visitor.child("linear1", linear1);
    visitor.child("linear2", linear2);
    visitor.child("linear3", linear3);
  }
}
