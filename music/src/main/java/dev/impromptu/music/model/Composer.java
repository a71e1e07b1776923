package dev.impromptu.music.model;

import dev.impromptu.functional.Mode;
import dev.impromptu.music.sample.Sampler;
import dev.impromptu.tensor.Device;
import dev.impromptu.tensor.Scope;
import dev.impromptu.tensor.Shape;
import dev.impromptu.tensor.Tensor;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Continues a primer note by note.
 *
 * @param model foretells
 * @param device where it runs
 * @param contextLength tokens the network was trained to look back on; it sees no more of them
 */
public record Composer(SequenceModel model, Device device, int contextLength) {
  /**
   * Composes.
   *
   * @param primer what to continue, at least one token; may be shorter than the context
   * @param notes tokens to add
   * @param sampler chooses each of them
   * @param progress is told how many there are so far
   * @return the primer and what follows
   */
  public int[] compose(int[] primer, int notes, Sampler sampler, IntConsumer progress) {
    if (primer.length == 0) {
      throw new IllegalArgumentException("Composer: the primer is empty; give at least one token");
    }
    int[] piece = Arrays.copyOf(primer, primer.length + notes);
    sampler.heard(primer);
    for (int at = primer.length; at < piece.length; at++) {
      int[] context = Arrays.copyOfRange(piece, Math.max(0, at - contextLength), at);
      try (var _ = Scope.inference()) {
        Tensor ids = Tensor.ofInts(device, Shape.of(1, context.length), context);
        piece[at] = sampler.next(model.logits(ids, Mode.EVALUATION).toFloatArray());
      }
      progress.accept(at - primer.length + 1);
    }
    return piece;
  }
}
