package dev.impromptu.music.model;

import dev.impromptu.functional.Mode;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;

/**
 * Goes on by reading everything again from the beginning, one token longer.
 *
 * @param model reads
 * @param mode of reading
 * @param ids what was read, {@code [batch, time]}
 * @param logits what came of it
 * @param most tokens that are read; older ones are dropped
 */
record Reread(SequenceModel model, Mode mode, Tensor ids, Tensor logits, int most)
    implements Continuation {
  /** Reads {@code ids} for the first time. */
  static Reread from(SequenceModel model, Tensor ids, Mode mode, int most) {
    return new Reread(model, mode, ids, model.logits(ids, mode), most);
  }

  @Override
  public Continuation then(Tensor next) {
    int rows = ids.shape().size(0);
    int length = ids.shape().size(1);
    Tensor column = next.reshape(Shape.of(rows, 1));
    int dropped = Math.max(0, length + 1 - most);
    Tensor longer =
        dropped == length ? column : Tensor.concat(1, ids.slice(1, dropped, length), column);
    return from(model, longer, mode, most);
  }
}
