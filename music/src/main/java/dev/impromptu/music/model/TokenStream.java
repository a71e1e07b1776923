package dev.impromptu.music.model;

import dev.impromptu.tensor.Tensor;

/** Sequences that are read token by token; remembers what is still needed of them. */
@FunctionalInterface
public interface TokenStream {
  /**
   * Reads on.
   *
   * @param ids the next token of every sequence, {@code [batch]}
   * @return the logits of the ones after, {@code [batch, vocabulary]}
   */
  Tensor next(Tensor ids);
}
