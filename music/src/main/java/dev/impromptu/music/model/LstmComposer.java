package dev.impromptu.music.model;

import dev.impromptu.functional.Lstm;
import dev.impromptu.functional.Mode;
import dev.impromptu.io.JsonObject;
import dev.impromptu.nn.Dropout;
import dev.impromptu.nn.Embedding;
import dev.impromptu.nn.LSTM;
import dev.impromptu.nn.Linear;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Collections;

/**
 * The recurrent composer: embedding, a stack of LSTM layers from a zero state, and on its last
 * output three linear layers, each behind {@code relu(dropout(.))}.
 */
public final class LstmComposer implements SequenceModel {
  /** The name of this architecture in files and options. */
  public static final String NAME = "lstm";

  /** Keeps first weights apart from everything else that is drawn from a run's seed. */
  private static final long WEIGHTS = -1;

  private final Sizes sizes;
  private final Embedding embedding;
  private final LSTM lstm;
  private final Linear linear1;
  private final Linear linear2;
  private final Linear linear3;
  private final Dropout dropout;

  /**
   * The sizes of the network.
   *
   * @param vocabulary number of tokens
   * @param embedding features of a token
   * @param hidden features of an LSTM layer
   * @param layers height of the LSTM stack
   * @param head features of the two linear layers between
   * @param dropout probability of a zero in front of each linear layer
   */
  public record Sizes(
      int vocabulary, int embedding, int hidden, int layers, int head, double dropout) {
    /** The original project's sizes: 1,508,289 parameters for 173 tokens. */
    public static Sizes original(int vocabulary) {
      return new Sizes(vocabulary, 100, 256, 3, 128, 0.2);
    }

    /** A small network that learns a songbook in a minute. */
    public static Sizes small(int vocabulary) {
      return new Sizes(vocabulary, 48, 128, 2, 64, 0.2);
    }

    /** What {@link Architectures} builds it from. */
    public JsonObject toJson() {
      return JsonObject.builder()
          .put("type", NAME)
          .put("vocabulary", vocabulary)
          .put("embedding", embedding)
          .put("hidden", hidden)
          .put("layers", layers)
          .put("head", head)
          .put("dropout", dropout)
          .build();
    }

    static Sizes of(JsonObject json) {
      return new Sizes(
          json.integer("vocabulary"),
          json.integer("embedding"),
          json.integer("hidden"),
          json.integer("layers"),
          json.integer("head"),
          json.number("dropout"));
    }
  }

  /** Makes the network, its first values drawn from {@code seed}. */
  public LstmComposer(Device device, Sizes sizes, long seed) {
    var random = new PhiloxRandom(seed, WEIGHTS);
    this.sizes = sizes;
    embedding = new Embedding(device, sizes.vocabulary, sizes.embedding, random);
    lstm = new LSTM(device, sizes.embedding, sizes.hidden, sizes.layers, random);
    linear1 = new Linear(device, sizes.hidden, sizes.head, random);
    linear2 = new Linear(device, sizes.head, sizes.head, random);
    linear3 = new Linear(device, sizes.head, sizes.vocabulary, random);
    dropout = new Dropout(sizes.dropout);
  }

  @Override
  public int vocabularySize() {
    return sizes.vocabulary;
  }

  @Override
  public Tensor logits(Tensor ids, Mode mode) {
    return begin(ids, mode).logits();
  }

  @Override
  public Tensor logitsThroughout(Tensor ids, Mode mode) {
    return head(steps(lstm.forward(embedding.forward(ids)).y()), mode);
  }

  /** Beginnings are read once, whatever the number of ways. */
  @Override
  public Tensor logitsThroughout(Tensor ids, Tensor branches, Mode mode) {
    int ways = branches.shape().size(0) / ids.shape().size(0);
    Lstm.Output beginning = lstm.forward(embedding.forward(ids));
    Lstm.State state = beginning.state();
    var forked = new Lstm.State(repeated(state.hidden(), ways), repeated(state.cell(), ways));
    Tensor y = lstm.forward(embedding.forward(branches), forked).y();
    return head(Tensor.concat(0, steps(beginning.y()), steps(y)), mode);
  }

  /** For every sequence so often. */
  private static Tensor repeated(Tensor state, int times) {
    return Tensor.concat(1, Collections.nCopies(times, state).toArray(Tensor[]::new));
  }

  /** All steps of all sequences in a row. */
  private Tensor steps(Tensor y) {
    return y.reshape(Shape.of(y.shape().elements() / sizes.hidden, sizes.hidden));
  }

  @Override
  public Continuation begin(Tensor ids, Mode mode) {
    return at(lstm.forward(embedding.forward(ids)).state(), mode);
  }

  private Continuation at(Lstm.State state, Mode mode) {
    return new Carried(state, mode, head(state.hidden().select(0, -1), mode));
  }

  private Tensor head(Tensor last, Mode mode) {
    Tensor first = linear1.forward(dropout.forward(last, mode).relu());
    Tensor second = linear2.forward(dropout.forward(first, mode).relu());
    return linear3.forward(dropout.forward(second, mode).relu());
  }

  /** Goes on from the state of all layers. */
  private final class Carried implements Continuation {
    private final Lstm.State state;
    private final Mode mode;
    private final Tensor logits;

    Carried(Lstm.State state, Mode mode, Tensor logits) {
      this.state = state;
      this.mode = mode;
      this.logits = logits;
    }

    @Override
    public Tensor logits() {
      return logits;
    }

    @Override
    public Continuation then(Tensor ids) {
      Tensor step = ids.reshape(Shape.of(ids.shape().size(0), 1));
      return at(lstm.forward(embedding.forward(step), state).state(), mode);
    }
  }

  @Override
  public JsonObject architecture() {
    return sizes.toJson();
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.child("embedding", embedding);
    visitor.child("lstm", lstm);
    visitor.child("dropout", dropout);
    visitor.child("linear1", linear1);
    visitor.child("linear2", linear2);
    visitor.child("linear3", linear3);
  }
}
