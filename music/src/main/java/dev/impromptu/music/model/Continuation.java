package dev.impromptu.music.model;

import dev.impromptu.tensor.Tensor;

/**
 * Sequences that a network has read and goes on from. Gradients flow back through all that was
 * read.
 */
public interface Continuation {
  /**
   * What the network says comes next, as {@link SequenceModel#logits}: {@code [batch, vocabulary]}.
   */
  Tensor logits();

  /**
   * One token further.
   *
   * @param ids of every sequence's next token, {@code [batch]}
   */
  Continuation then(Tensor ids);
}
