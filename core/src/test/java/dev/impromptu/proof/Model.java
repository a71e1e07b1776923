package dev.impromptu.proof;

import dev.impromptu.functional.Mode;
import dev.impromptu.nn.BiLSTM;
import dev.impromptu.nn.Conv1d;
import dev.impromptu.nn.Embedding;
import dev.impromptu.nn.GRU;
import dev.impromptu.nn.LayerNorm;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.Module;
import dev.impromptu.nn.Sequential;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Tensor;

/** A model of all kinds of layers, whose parameters are named as in PyTorch's state dictionary. */
public final class Model implements Module {
  private final Embedding embedding;
  private final BiLSTM lstm;
  private final GRU gru;
  private final Conv1d conv;
  private final LayerNorm norm;
  private final Sequential head;

  /** Makes it. */
  public Model(Device device) {
    var random = new PhiloxRandom(1);
    embedding = new Embedding(device, 11, 6, random);
    lstm = new BiLSTM(device, 6, 5, 2, random);
    gru = new GRU(device, 10, 8, 1, random);
    conv = new Conv1d(device, 8, 6, 3, 1, 2, 2, random);
    norm = new LayerNorm(device, 6);
    head =
        new Sequential(
            new Linear(device, 6, 4, random),
            dev.impromptu.nn.Layer.of(Tensor::tanh),
            new Linear(device, 4, 3, random));
  }

  /** Ids {@code [batch, time] -> [batch, time, 3]}. */
  public Tensor forward(Tensor ids, Mode mode) {
    Tensor sequence = gru.forward(lstm.forward(embedding.forward(ids)).y()).y();
    return head.forward(norm.forward(conv.forward(sequence)), mode);
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.child("embedding", embedding);
    visitor.child("lstm", lstm);
    visitor.child("gru", gru);
    visitor.child("conv", conv);
    visitor.child("norm", norm);
    visitor.child("head", head);
  }
}
