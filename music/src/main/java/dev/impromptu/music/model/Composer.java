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
   * @param notes notes or chords to add; tokens that tell something else come on top
   * @param sampler chooses every token
   * @param progress is told how many notes there are so far
   * @return the primer and what follows
   */
  public int[] compose(int[] primer, int notes, Sampler sampler, IntConsumer progress) {
    if (primer.length == 0) {
      throw new IllegalArgumentException("Composer: the primer is empty; give at least one token");
    }
    int[] piece = Arrays.copyOf(primer, primer.length + notes);
    sampler.heard(primer);
    int at = primer.length;
    for (int struck = 0; struck < notes; at++) {
      if (at == piece.length) {
        piece = Arrays.copyOf(piece, 2 * at);
      }
      int[] context = Arrays.copyOfRange(piece, Math.max(0, at - contextLength), at);
      try (var _ = Scope.inference()) {
        Tensor ids = Tensor.ofInts(device, Shape.of(1, context.length), context);
        piece[at] = sampler.next(model.logits(ids, Mode.EVALUATION).toFloatArray());
      }
      if (sampler.strikes(piece[at])) {
        progress.accept(++struck);
      }
    }
    return Arrays.copyOf(piece, at);
  }
}
