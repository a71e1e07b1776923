package dev.impromptu.music.model;

import dev.impromptu.functional.Mode;
import dev.impromptu.io.JsonObject;
import dev.impromptu.nn.Module;
import dev.impromptu.tensor.Tensor;

/** A network that foretells the token after a context. */
public interface SequenceModel extends Module {
  /** The number of tokens it knows. */
  int vocabularySize();

  /**
   * Unnormalised log probabilities of the next token.
   *
   * @param ids {@code [batch, time]}, at least one step
   * @return {@code [batch, vocabulary]}
   */
  Tensor logits(Tensor ids, Mode mode);

  /**
   * The same after every token instead of the last alone, each from those up to there.
   *
   * @param ids {@code [batch, time]}, at least one step
   * @return {@code [batch * time, vocabulary]}, the steps of a sequence in a row
   */
  Tensor logitsThroughout(Tensor ids, Mode mode);

  /**
   * Reads contexts from a zero state, to go on from their end.
   *
   * @param ids {@code [batch, time]}, at least one step
   */
  Continuation begin(Tensor ids, Mode mode);

  /** What {@link Architectures} needs to build the same again. */
  JsonObject architecture();
}
