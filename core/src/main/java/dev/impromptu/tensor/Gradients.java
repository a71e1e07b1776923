package dev.impromptu.tensor;

import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The gradients of a loss, by the tracked tensor they belong to. They live in the scope in which
 * {@link Tensor#backward} was called.
 */
public final class Gradients {
  private final Map<Tensor, Tensor> byLeaf;

  Gradients(Map<Tensor, Tensor> byLeaf) {
    this.byLeaf = byLeaf;
  }

  /**
   * The gradient of a tracked tensor, of the same shape.
   *
   * @throws IllegalArgumentException when the loss does not depend on it
   */
  public Tensor of(Tensor leaf) {
    return find(leaf)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Gradients: the loss does not depend on %s".formatted(leaf)));
  }

  /** The gradient of a tracked tensor; empty when the loss does not depend on it. */
  public Optional<Tensor> find(Tensor leaf) {
    return Optional.ofNullable(byLeaf.get(leaf));
  }

  /** Calls the action with every tensor that has a gradient, and the gradient. */
  void forEach(BiConsumer<Tensor, Tensor> action) {
    byLeaf.forEach(action);
  }

  /** How many tensors have a gradient. */
  public int size() {
    return byLeaf.size();
  }
}
