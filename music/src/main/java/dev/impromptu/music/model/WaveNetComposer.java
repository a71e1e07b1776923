package dev.impromptu.music.model;

import dev.impromptu.functional.Mode;
import dev.impromptu.io.JsonObject;
import dev.impromptu.nn.CausalConv1d;
import dev.impromptu.nn.Dropout;
import dev.impromptu.nn.Embedding;
import dev.impromptu.nn.Linear;
import dev.impromptu.nn.WaveNet;
import dev.impromptu.random.PhiloxRandom;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/**
 * The convolutional composer: embedding, a {@link WaveNet} with doubling dilations, on its skip sum
 * at the last step twice {@code relu} and a convolution of kernel 1, then four linear layers, each
 * behind {@code relu(dropout(.))}.
 *
 * <p>It is the original project's second network with its mistakes mended: every convolution is
 * trained, the skip connections are summed, and the dilations double far enough for the receptive
 * field to cover a window.
 */
public final class WaveNetComposer implements StreamingModel {
  /** The name of this architecture in files and options. */
  public static final String NAME = "wavenet";

  /** Keeps first weights apart from everything else that is drawn from a run's seed. */
  private static final long WEIGHTS = -1;

  private final Sizes sizes;
  private final Embedding embedding;
  private final WaveNet wavenet;
  private final CausalConv1d conv1;
  private final CausalConv1d conv2;
  private final Linear linear1;
  private final Linear linear2;
  private final Linear linear3;
  private final Linear linear4;
  private final Dropout dropout;

  /**
   * The sizes of the network.
   *
   * @param vocabulary number of tokens
   * @param embedding features of a token
   * @param residual channels between layers, and of a layer's filter and gate
   * @param skip channels of the skip sum
   * @param kernel taps of a dilated convolution
   * @param stacks how often the dilations start again from 1
   * @param layers of a stack, with the dilations {@code 1, 2, 4 … 2^(layers - 1)}
   * @param head features of the first and second linear layer; the third has half of them
   * @param dropout probability of a zero in front of each linear layer
   */
  public record Sizes(
      int vocabulary,
      int embedding,
      int residual,
      int skip,
      int kernel,
      int stacks,
      int layers,
      int head,
      double dropout) {
    /**
     * The original project's channels and number of stacks, with the dilations 1, 2, 4, 8 for its
     * 1, 2: a receptive field of 61 tokens, and 438,593 parameters for 173 tokens.
     */
    public static Sizes original(int vocabulary) {
      return new Sizes(vocabulary, 100, 32, 256, 2, 4, 4, 128, 0.2);
    }

    /** A small network whose one stack, up to dilation 16, sees the 32 tokens of a window. */
    public static Sizes small(int vocabulary) {
      return new Sizes(vocabulary, 48, 24, 64, 2, 1, 5, 64, 0.2);
    }

    /** How many tokens an output depends on. */
    public int receptiveField() {
      return wavenet().receptiveField();
    }

    private WaveNet.Sizes wavenet() {
      return new WaveNet.Sizes(embedding, residual, residual, skip, kernel, stacks, layers);
    }

    /** What {@link Architectures} builds it from. */
    public JsonObject toJson() {
      return JsonObject.builder()
          .put("type", NAME)
          .put("vocabulary", vocabulary)
          .put("embedding", embedding)
          .put("residual", residual)
          .put("skip", skip)
          .put("kernel", kernel)
          .put("stacks", stacks)
          .put("layers", layers)
          .put("head", head)
          .put("dropout", dropout)
          .build();
    }

    static Sizes of(JsonObject json) {
      return new Sizes(
          json.integer("vocabulary"),
          json.integer("embedding"),
          json.integer("residual"),
          json.integer("skip"),
          json.integer("kernel"),
          json.integer("stacks"),
          json.integer("layers"),
          json.integer("head"),
          json.number("dropout"));
    }
  }

  /** Makes the network, its first values drawn from {@code seed}. */
  public WaveNetComposer(Device device, Sizes sizes, long seed) {
    var random = new PhiloxRandom(seed, WEIGHTS);
    this.sizes = sizes;
    embedding = new Embedding(device, sizes.vocabulary, sizes.embedding, random);
    wavenet = new WaveNet(device, sizes.wavenet(), random);
    conv1 = new CausalConv1d(device, sizes.skip, sizes.skip, 1, 1, random);
    conv2 = new CausalConv1d(device, sizes.skip, sizes.skip, 1, 1, random);
    linear1 = new Linear(device, sizes.skip, sizes.head, random);
    linear2 = new Linear(device, sizes.head, sizes.head, random);
    linear3 = new Linear(device, sizes.head, sizes.head / 2, random);
    linear4 = new Linear(device, sizes.head / 2, sizes.vocabulary, random);
    dropout = new Dropout(sizes.dropout);
  }

  @Override
  public int vocabularySize() {
    return sizes.vocabulary;
  }

  @Override
  public int receptiveField() {
    return sizes.receptiveField();
  }

  @Override
  public Tensor logits(Tensor ids, Mode mode) {
    return head(wavenet.last(embedding.forward(ids)), mode);
  }

  @Override
  public Tensor logitsThroughout(Tensor ids, Mode mode) {
    Tensor skip = wavenet.forward(embedding.forward(ids));
    return head(skip.reshape(Shape.of(ids.shape().elements(), sizes.skip)), mode);
  }

  /**
   * Reads again as many tokens as it can see: the gradients are those of the whole sequence, the
   * work is that of sliding.
   */
  @Override
  public Continuation begin(Tensor ids, Mode mode) {
    return Reread.from(this, ids, mode, receptiveField());
  }

  @Override
  public TokenStream stream(int batch) {
    WaveNet.State state = wavenet.state(batch);
    return ids -> head(wavenet.step(embedding.forward(ids), state), Mode.EVALUATION);
  }

  private Tensor head(Tensor skip, Mode mode) {
    Tensor step = skip.reshape(Shape.of(skip.shape().size(0), 1, sizes.skip));
    Tensor convolved = conv2.forward(conv1.forward(step.relu()).relu()).reshape(skip.shape());
    Tensor first = linear1.forward(dropout.forward(convolved, mode).relu());
    Tensor second = linear2.forward(dropout.forward(first, mode).relu());
    Tensor third = linear3.forward(dropout.forward(second, mode).relu());
    return linear4.forward(dropout.forward(third, mode).relu());
  }

  @Override
  public JsonObject architecture() {
    return sizes.toJson();
  }

  @Override
  public void visit(Visitor visitor) {
    visitor.child("embedding", embedding);
    visitor.child("wavenet", wavenet);
    visitor.child("conv1", conv1);
    visitor.child("conv2", conv2);
    visitor.child("dropout", dropout);
    visitor.child("linear1", linear1);
    visitor.child("linear2", linear2);
    visitor.child("linear3", linear3);
    visitor.child("linear4", linear4);
  }
}
